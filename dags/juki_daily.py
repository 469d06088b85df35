"""
住民基本台帳の異動（全件・異動・照会回答）を取り込み、資格の異動を起案します。登録した相手先のサーバーにあるものは、先に受け取ります（手順書19章）。

## 根拠
国民年金法施行令、番号利用法、評価書（別添2）。保有できる方の行だけを取り込みます（仕様1章）。

## 時期
業務日の 21:00（Asia/Tokyo）。受付の取込の後、照会の前。期間は業務日（YYYY-MM-DD）です。

## 再実行
同じ業務日を手動で実行するか、バックフィルします（過去分再実行。最初と最後の業務日を選び、再処理は「すべての実行」）。
前の実行は履歴に残り、何も変わりません（取り込んだ原本は保管され、受信フォルダーにはもうありません。もう一度届けば「重複受信」です）。前の業務日のファイルが遅れて届いても、次の実行が古い順に取り込みます。

## 失敗したら
赤い工程の記録に番号（NP-nnnn）と直し方が出ます。`docs/手順書.md` の11章を見てください。拒否されたファイルは何も変えていません。
赤い「処理結果表」をクリアすると、置かれているファイルをもう一度確かめます。
起案は別の職員が「要対応項目」から決めます（「承認」）。この実行は待たずに終わります。工程を手で「成功」にしても承認にはなりません。
"""

from __future__ import annotations

from airflow.sdk import DAG

from policies import DEFAULTS, approval, daily, period, reason, start, step

with DAG(
    "juki_daily",
    dag_display_name="住民異動の取込（日次）",
    schedule=daily("0 21 * * 1-5"),
    allowed_run_types=["scheduled", "manual", "backfill"],
    params={"period": period("day"), "reason": reason()},
    doc_md=__doc__,
    **DEFAULTS,
):
    propose = step("propose", "異動の起案")
    fetch, land, load = step("fetch", "相手先からの受信"), step("land", "到着の確認"), step("load", "検証・取込")
    start() >> fetch >> land >> load >> step("check", "受付との点検（突合1）") >> propose
    archive, report = step("archive", "受信原本の保管"), step("report", "処理結果表")
    propose >> archive >> report
    approval(report, "idou", "teisei")
