"""
日本年金機構の処理結果一覧（媒体ファイル）を取り込み、受付と突合し、結果ごとの一覧を作って、登録の承認を待ちます。

## 根拠
国民年金法（資格・免除・裁定）、評価書（処理結果の登録、突合）。決めるのは日本年金機構で、市は照らし合わせて登録するだけです。

## 時期
業務日の 22:00（Asia/Tokyo）。住民異動の取込の後、住基照会の前。期間は媒体の作成年月日（YYYY-MM-DD）です。媒体が後日届いたときは、
受信フォルダー kikou_kekka に置き、その作成年月日で手動実行します（処理事由が必要）。

## 再実行
同じ日を何度実行しても結果は同じです。前に決裁されなかった結果も毎回見直し、後から届いた受付と突合します。バックフィルでは
最初と最後の日を選び、再処理は「すべての実行」とします。

## 失敗したら
赤い工程の記録に番号（NP-nnnn）と直し方が出ます。`docs/手順書.md` の11章を見てください。媒体に誤りがあれば全体を拒否し、何も
変えません。一覧（一致・不一致・受付不明・返戻・結果未着・未進達）は outbox/ichiran にあり、作成は記録されます。承認待ちの頁で否認した
ものは登録されません。1件ずつ決めるときは `kokunen approve kikou_kekka --id 番号` を使います。
"""

from __future__ import annotations

from airflow.sdk import DAG

from policies import DEFAULTS, approval, daily, period, reason, start, step

with DAG(
    "kikou_kekka",
    dag_display_name="処理結果の取込・突合",
    schedule=daily("0 22 * * 1-5"),
    allowed_run_types=["scheduled", "manual", "backfill"],
    params={"period": period("day"), "reason": reason()},
    doc_md=__doc__,
    **DEFAULTS,
):
    lists = step("lists", "一覧の作成")
    start() >> step("land", "到着の確認") >> step("load", "検証・取込") >> step("reconcile", "突合") >> lists
    archive, report = step("archive", "受信原本の保管"), step("report", "処理結果表")
    lists >> archive >> report
    approval(report, "kikou_kekka", "teisei")
