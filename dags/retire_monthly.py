"""
保存期間の過ぎたものを消します。作業域と基盤の記録は定めによって消し、受信原本・送出物・証跡・確認されなかった取得候補は、消すものの一覧を作って承認を依頼します。

## 根拠
評価書（Ⅲ7 リスク3、消去）。国民年金情報ファイルは消しません（データベースが拒みます）。保存期間は `mappings` の `keep` と `mappings/hokan.yaml` です。

## 時期
毎月5日の 10:00（Asia/Tokyo）。期間は月（YYYY-MM）で、消すものはその日までに保存期間の過ぎたものすべてです。期間の末日のものは、翌日から消せます。

## 承認
区分ごとに一つの申請ができ、別の職員の承認を待ちます（30日）。一覧は `outbox/shoukyo/` の消去対象一覧です。承認されると「承認」の実行が消去し、
残っていないことを確かめ、消去証明書を作ります。申請の後に変わったものと、保全されたものは消しません。

## 台帳
紙・媒体・委託先の複製は人が廃棄します。期限の近いものと過ぎたもの（赤字）を「紙・媒体・複製の期限一覧」に載せます。廃棄したら `kokunen register destroyed` で報告し、
別の職員が確認します（`docs/手順書.md` の17章）。期限の過ぎたものがある間は、どの業務の処理結果表の備考と「今の状態」にも件数が出ます。

## 再実行
何度でも実行できます。途中で止まった消去は、次の実行が続きから行います。期限までに決まらなかった申請は、次の実行が新しく作り直します。
消去を止めたいものがあれば、承認の前後を問わず `kokunen hold set` で保全してください。

## 失敗したら
赤い工程の記録に番号（NP-nnnn）と直し方が出ます。`docs/手順書.md` の11章を見てください。台帳に書いてから消すので、証明したものは消えており、
消していないものは証明しません。工程を手で「成功」にしても何も消えません。
"""

from __future__ import annotations

from airflow.sdk import DAG

from policies import DEFAULTS, approval, monthly, period, reason, start, step

with DAG(
    "retire_monthly",
    dag_display_name="保存期間の管理（月次）",
    schedule=monthly("0 10 5 * *"),
    allowed_run_types=["scheduled", "manual", "backfill"],
    params={"period": period("month"), "reason": reason()},
    doc_md=__doc__,
    **DEFAULTS,
):
    report = step("report", "処理結果表")
    lists = step("lists", "台帳の期限一覧")
    start() >> step("expire", "期限消去") >> step("retire", "消去の申請") >> step("shred", "承認済みの消去") >> lists >> report
    approval(report, "shoukyo")
