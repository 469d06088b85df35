"""
国民年金の資格情報を、国民健康保険の二つの課（医療保険課・収納管理課）へ移転するファイルを作ります。

## 根拠
川崎市番号利用条例（移転4・移転5）。課ごとに、ファイル・暗号化した媒体・送受書を一つずつ作ります。

## 時期
毎月3日の 9:00（Asia/Tokyo）に前月分（月末の起案を承認する時間を置く）。期間は月（YYYY-MM）です。

## 承認
版 01 は、月が終わり、業務日がすべて取り込まれ、その月の起案が決裁済みで、検証に注意がなく、行があるときだけ、ひとりでに出ます。
そうでなければ理由とともに別の職員の承認を待ちます。版 02 以降は必ず承認を待ちます。

締めていない前月の媒体の棚卸しも、版 01 が承認を待つ理由です。媒体へは `kokunen media write` で書き、`kokunen media hand` で引渡しを登録します（手順書17章）。

## 再実行
過去の月は手動で実行するか、バックフィルします（過去分再実行。期間は月の初日から末日、再処理は「すべての実行」）。前の実行は履歴に残ります。前の版と同じ内容なら版は増えません。
異なるときは版が上がり、差分一覧とともに承認を待ちます。承認されると「承認」の実行が出力します（この実行は待たずに終わります）。
「基準時刻」を書くと、その時点の状態で作り直します（再現）。

## 失敗したら
赤い工程の記録に番号（NP-nnnn）と直し方が出ます。`docs/手順書.md` の11章を見てください。読み戻して一致したものだけが出力と
なります。否認された版は出ません。工程を手で「成功」にしても承認にはなりません。
"""

from __future__ import annotations

from airflow.sdk import DAG

from policies import DEFAULTS, approval, as_known_at, monthly, period, reason, start, step

with DAG(
    "kokuho_monthly",
    dag_display_name="国保への資格情報の移転（月次）",
    schedule=monthly("0 9 3 * *"),
    allowed_run_types=["scheduled", "manual", "backfill"],
    params={"period": period("month"), "reason": reason(), "as_known_at": as_known_at()},
    doc_md=__doc__,
    **DEFAULTS,
):
    report = step("report", "処理結果表")
    start() >> step("build", "対象の抽出・比較") >> step("release", "出力・媒体作成") >> report
    approval(report, "kokuho")
