"""
所得照会の回答を（登録した相手先からは受け取って。手順書19章）取り込みます。照会していない行、回答済みの行、受付が終わった行は数えるだけで、どこにも残しません。
要る回答がそろった免除等の申請は、申請書に添える所得附票（PDF。所得と事前審査の参考を印字）を受付区ごとに刷ります。1枚ごとに記録が残ります。

## 根拠
評価書 Ⅲ-2 リスク1、別添2（所得情報の項目だけ）。4情報が宛名と異なる行は保留します（隔離。別の職員が本人の回答と認めれば入ります）。

## 時期
業務日の 22:15（Asia/Tokyo）。処理結果の取込の後、照会の前。期間は業務日（YYYY-MM-DD）です。

## 再実行
同じ業務日を手動で実行するか、バックフィルします（過去分再実行。最初と最後の業務日を選び、再処理は「すべての実行」）。
前の実行は履歴に残り、何も変わりません（取り込んだ原本は保管され、受信フォルダーにはもうありません。もう一度届けば「重複受信」です）。

## 失敗したら
赤い工程の記録に番号（NP-nnnn）と直し方が出ます。`docs/手順書.md` の11章を見てください。拒否されたファイルは何も変えていません。
受け入れなかった回答があれば、提供元への通知（件数と照会番号だけ）が `outbox/shotoku_tsuchi/` にできます。
保留した回答の受入れと訂正ファイルは、別の職員の承認を待ちます。保留した回答は所得回答保留一覧（`kokunen list shotoku_horyuu`）で見比べ、
1件ずつなら `kokunen approve shotoku_kaitou --id` で決めます。訂正は、承認の後に同じ業務日をもう一度実行すると入ります。
"""

from __future__ import annotations

from airflow.sdk import DAG

from policies import DEFAULTS, approval, daily, period, reason, start, step

with DAG(
    "shotoku_kaitou_daily",
    dag_display_name="所得照会回答の取込（日次）",
    schedule=daily("15 22 * * 1-5"),
    allowed_run_types=["scheduled", "manual", "backfill"],
    params={"period": period("day"), "reason": reason()},
    doc_md=__doc__,
    **DEFAULTS,
):
    lists = step("lists", "保留した回答の一覧")
    fetch, land, load = step("fetch", "相手先からの受信"), step("land", "到着の確認"), step("load", "検証・取込")
    start() >> fetch >> land >> load >> step("notify", "提供元への通知") >> lists
    archive, report = step("archive", "受信原本の保管"), step("report", "処理結果表")
    lists >> step("print", "所得附票の印刷") >> archive >> report
    approval(report, "shotoku_kaitou", "teisei")
