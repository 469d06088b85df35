"""
これまでの国民年金システムから、年金基本・資格・免除・付加・裁定受付を移行します。初回に一度だけ行います。

## 根拠
評価書（別添2）の十の記録のうち移行するもの。以後は日次の取込で更新します。

## 時期
最初の業務日の、ほかの取込より前。自動では動きません。初めは止めてあり、手動で実行すると動きます。
対象期間に業務日（YYYY-MM-DD）、処理事由に「移行」などと書きます。

## 再実行
同じ業務日を手動で実行します（処理事由が必要）。前の実行は履歴に残り、何も変わりません（取り込んだ原本は保管され、受信フォルダーにはもうありません。もう一度届けば「重複受信」です）。

## 失敗したら
赤い工程の記録に番号（NP-nnnn）と直し方が出ます。`docs/手順書.md` の11章を見てください。拒否されたファイルは何も変えていません。
正しいファイルを同じ名前で置いて、もう一度実行するか、赤い「処理結果表」をクリアしてください。
"""

from __future__ import annotations

from airflow.sdk import DAG

from partitions import ByHand
from policies import DEFAULTS, period, reason, start, step

with DAG(
    "ikou_once",
    dag_display_name="移行（初回のみ）",
    schedule=ByHand(),
    is_paused_upon_creation=True,  # once, and never by itself: whoever starts it in the page switches it on
    allowed_run_types=["manual"],
    params={"period": period("day"), "reason": reason()},
    doc_md=__doc__,
    **DEFAULTS,
):
    archive = step("archive", "受信原本の保管")
    start() >> step("land", "到着の確認") >> step("load", "検証・取込") >> archive >> step("report", "処理結果表")
