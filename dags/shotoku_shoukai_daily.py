"""
審査中の免除申請等に必要な方と年度の所得を、市民税の担当へ照会するファイルを作ります。

## 根拠
評価書 Ⅲ-2 リスク1（必要となった場合のみ、必要な対象者について）。免除・納付猶予（本人・配偶者・世帯主）、学生納付特例・20歳前傷病による障害基礎年金（本人）。
受付・人・相当年度ごとに一度だけ照会し、照会事由と受付番号を残します。未確認の受付の分は照会しません。

## 時期
業務日の 22:40（Asia/Tokyo）。その日の取込がすべて終わった後。期間は業務日（YYYY-MM-DD）です。

## 再実行
同じ業務日を手動で実行するか、バックフィルします（過去分再実行。最初と最後の業務日を選び、再処理は「すべての実行」）。
前の実行は履歴に残り、出したファイルは同じものが残ります。新たに照会する方がいなければ、ファイルは増えません。
業務日が離れた実行（手順書2章）の照会は、別の職員が承認してから出ます（「承認」の実行、又は `kokunen approve shoukai`）。

## 失敗したら
赤い工程の記録に番号（NP-nnnn）と直し方が出ます。`docs/手順書.md` の11章を見てください。途中で止まっても、もう一度実行すれば
置いたファイルが見つかり、二重には出ません。相手先に届かなかったときは、残りを済ませてから赤くなります。通じるようになったら
赤い「処理結果表」をクリアすると続きから送ります（手順書19章）。
"""

from __future__ import annotations

from airflow.sdk import DAG

from policies import DEFAULTS, approval, daily, period, reason, start, step

with DAG(
    "shotoku_shoukai_daily",
    dag_display_name="所得照会（日次）",
    schedule=daily("40 22 * * 1-5"),
    allowed_run_types=["scheduled", "manual", "backfill"],
    params={"period": period("day"), "reason": reason()},
    doc_md=__doc__,
    **DEFAULTS,
):
    place, report = step("place", "照会ファイルの出力"), step("report", "処理結果表")
    start() >> step("ask", "照会対象の確認") >> place >> step("deliver", "相手先への送信・受領の確認") >> report
    approval(report, "shoukai")
