"""
バックアップから戻したデータベースで、消去したものをもう一度消し、足りないものの一覧を作って、別の承認者に見てもらいます。

## 根拠
評価書（事故のときの手順）。戻した者と別の承認者が認めるまで、ほかの業務は始まりません（NP-3276）。

## 時期
ひとりでには動きません。`kokunen restore` で戻した後に、手で始めます（期間は今日、処理事由が必要）。命令なら `kokunen restore check` です。

## 再実行
何度実行してもかまいません。一覧は作り直され、前の伺いは失効します。元の環境のディスクから outbox や inbox を写した後は、必ずもう一度実行します。

## 失敗したら
赤い工程の記録に番号（NP-nnnn）と直し方が出ます。`docs/手順書.md` の11章と「バックアップと復旧」を見てください。戻した環境でなければ NP-3277 です。
"""

from __future__ import annotations

from airflow.sdk import DAG

from partitions import ByHand
from policies import DEFAULTS, approval, period, reason, start, step

with DAG(
    "fukkyu",
    dag_display_name="復旧の確認",
    schedule=ByHand(),
    is_paused_upon_creation=True,  # after a restore alone: whoever starts it in the page switches it on
    allowed_run_types=["manual"],
    params={"period": period("day"), "reason": reason()},
    doc_md=__doc__,
    **DEFAULTS,
):
    report = step("report", "処理結果表")
    start() >> step("reapply", "消去のやり直し") >> step("compare", "照合") >> report
    approval(report, "fukkyu")
