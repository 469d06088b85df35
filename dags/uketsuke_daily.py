"""
届書の受付情報を取り込み、宛名・資格と、届書に必要な項目を点検します（突合1）。本人と、免除等の世帯主・配偶者が、保有できる方になります。
確認者のいない受付（未確認）は、ここから先へ進みません。

## 根拠
国民年金法（届出・免除等）、評価書（別添2）。

## 時期
業務日の 20:00（Asia/Tokyo）。移行の後、住民異動の取込の前。期間は業務日（YYYY-MM-DD）です。

## 再実行
同じ業務日を手動で実行するか、バックフィルします（過去分再実行。最初と最後の業務日を選び、再処理は「すべての実行」）。
前の実行は履歴に残り、何も変わりません（取り込んだ原本は保管され、受信フォルダーにはもうありません。もう一度届けば「重複受信」です）。

## 失敗したら
赤い工程の記録に番号（NP-nnnn）と直し方が出ます。`docs/手順書.md` の11章を見てください。拒否されたファイルは何も変えていません。
訂正ファイルは別の職員の承認を待ちます。承認の後、同じ業務日をもう一度実行すると入ります。
"""

from __future__ import annotations

from airflow.sdk import DAG

from policies import DEFAULTS, approval, daily, period, reason, start, step

with DAG(
    "uketsuke_daily",
    dag_display_name="受付情報の取込（日次）",
    schedule=daily("0 20 * * 1-5"),
    allowed_run_types=["scheduled", "manual", "backfill"],
    params={"period": period("day"), "reason": reason()},
    doc_md=__doc__,
    **DEFAULTS,
):
    archive, report = step("archive", "受信原本の保管"), step("report", "処理結果表")
    check = step("check", "宛名との点検（突合1）")
    start() >> step("land", "到着の確認") >> step("load", "検証・取込") >> check >> archive >> report
    approval(report, "teisei")
