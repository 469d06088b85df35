"""
日本年金機構へ報告する届書（進達）を、年金事務所ごとに始めます。内容の確認・修正の期間を置き、確定と別の職員の承認を待って、媒体を作ります。

## 根拠
国民年金法施行規則9条（受理から14日以内）。評価書（データの確認・修正の期間、論理チェック、パスワードを掛けた CD-R）。

## 時期
毎月1日と15日の 8:00（Asia/Tokyo）。手でも始められます。期間は業務日（YYYY-MM-DD）です。確認の期間は3業務日です。

## 再実行
続いている回があれば、その回のままです。同じ業務日を実行しても、二重には始まりません。処理結果表は始めたときにでき、「確定・承認待ち」は何日待っても、ほかの業務を
妨げません（1分ごとに本システムの表を見ます）。手で「成功」にしても、承認のないものから媒体はできません。後で承認されれば、その承認が媒体を作ります。

## 失敗したら
赤い工程の記録に番号（NP-nnnn）と直し方が出ます。`docs/手順書.md` の11章を見てください。確定・取消し・受領は命令行の
`kokunen shintatsu` です（手順書21章）。
"""

from __future__ import annotations

from airflow.sdk import DAG

from etl.core.mapping.houkoku import houkoku
from policies import DEFAULTS, daily, fixed_and_approved, period, reason, start, step

with DAG(
    "shintatsu",
    dag_display_name="進達",
    schedule=daily(f"0 8 {','.join(map(str, houkoku().hiraku))} * *"),
    allowed_run_types=["scheduled", "manual", "backfill"],
    params={"period": period("day"), "reason": reason()},
    doc_md=__doc__,
    **DEFAULTS,
):
    opened = start() >> step("open", "候補の確認・開始") >> step("report", "処理結果表")
    opened >> fixed_and_approved() >> step("make", "媒体の作成")
