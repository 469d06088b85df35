"""
業務の実行が起案したものを、起案者とは別の職員が決めます。実行ごとに一つの承認ができ、決まるまで待ちます。業務の実行は待たずに終わります。

## 根拠
評価書（権限の分離）。決めたことは本システムの表に記録されたものだけが有効です。

## 時期
起案のある業務の実行が終わるとできます（命令行の実行の起案も、数秒でできます）。手では始められません。期限は種類によります（`docs/手順書.md` の4章）。

## 再実行
「承認待ち」を消し込む（クリアする）と、まだ決まっていないものをもう一度たずねます。
別の場所（`kokunen approve`）で決まったもの、取り下げられたものは一覧から消え、残りだけがたずねられます。

## 失敗したら
工程を手で「成功」にしても承認にはなりません（「承認の確認」が赤くなります。NP-2033）。赤い工程の記録に番号（NP-nnnn）と直し方が出ます。
`docs/手順書.md` の11章を見てください。1件ずつ決めるときは `kokunen approve 種類 --id 番号` を使います。
"""

from __future__ import annotations

from airflow.sdk import DAG

from kessai import decide, released, require, second_person
from policies import DEFAULTS

with DAG(
    "shounin",
    dag_display_name="承認",
    schedule=None,
    allowed_run_types=["operator_triggered", "manual"],  # Airflow insists on the second; kessai refuses it (NP-1006)
    doc_md=__doc__,
    **DEFAULTS,
):
    second_person() >> decide() >> require() >> released()
