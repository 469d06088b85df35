"""
両方のデータベースと、データベースの外の要るもの（保管物、渡した番号、消去の台帳）のバックアップを取り、月に一度は試しに復元し、期限の過ぎたものを消します。

## 根拠
評価書（バックアップの管理、事故のときの手順）。鍵は入りません。鍵のバックアップは別に作ります（`kokunen backup keys`）。

## 時期
毎日 23:30（Asia/Tokyo）、業務の後。日曜は全体、ほかの日は変わったところだけです。間の更新は WAL として数秒ごとに暗号化して保存先へ移ります。

## 再実行
何度実行してもかまいません。途中で止まったものはバックアップに数えず、次が初めから取り直します。同じ日の二つ目は増分になります。

## 失敗したら
赤い工程の記録に番号（NP-nnnn）と直し方が出ます。`docs/手順書.md` の11章と「バックアップと復旧」を見てください。保存先のディスクが一杯なら、
空きを作ってもう一度実行します。それまでの更新は失われません。2日できていないと「今の状態」が警告します。
"""

from __future__ import annotations

from airflow.sdk import DAG

from policies import DEFAULTS, daily, period, reason, start, step

with DAG(
    "backup_daily",
    dag_display_name="バックアップ（日次）",
    schedule=daily("30 23 * * *"),
    allowed_run_types=["scheduled", "manual", "backfill"],
    params={"period": period("day"), "reason": reason()},
    doc_md=__doc__,
    **DEFAULTS,
):
    taken = start() >> step("backup", "バックアップ")
    taken >> step("verify", "検証（月1回）") >> step("prune", "期限切れの消去") >> step("report", "処理結果表")
