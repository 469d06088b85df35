"""国民年金事務システムのバッチ: verbs (取込 ingest, 照会 inquire, 移転 transfer, 承認 approve) over a handful of datasets."""
