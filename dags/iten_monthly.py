"""
免除・付加・裁定のすべてを、二つのあて先（生活保護・自立支援室、児童家庭支援・虐待対策室）へ移転します。

## 根拠
川崎市番号利用条例（移転2・移転3）。許可された項目だけを、月の最後の業務日に被保険者である方についてだけ渡します。

## 時期
毎月3日の 9:30（Asia/Tokyo）に前月分。期間は月（YYYY-MM）です。

## 照合
月の最後の業務日までに都度の移転で渡したものの合計と比べ、差異が 0 件のときだけ出します（処理結果表に出ます）。
差異があれば何も渡さず、赤くなります。月の最後の業務日の「資格異動の移転」がまだなら、先にそれを実行してください。

## 再実行
過去の月は手動で実行するか、バックフィルします（過去分再実行。期間は月の初日から末日、再処理は「すべての実行」）。前の実行は履歴に残ります。
一度渡した月は、もう一度実行しても新しいものは出ません。後の訂正は、都度の移転で渡ります。

## 失敗したら
赤い工程の記録に番号（NP-nnnn）と直し方が出ます。`docs/手順書.md` の11章を見てください。途中で止まっても、もう一度実行すれば
同じ内容になり、二重には出ません。
"""

from __future__ import annotations

from airflow.sdk import DAG

from policies import DEFAULTS, monthly, period, reason, start, step

with DAG(
    "iten_monthly",
    dag_display_name="全件の移転（月次）",
    schedule=monthly("30 9 3 * *"),
    allowed_run_types=["scheduled", "manual", "backfill"],
    params={"period": period("month"), "reason": reason()},
    doc_md=__doc__,
    **DEFAULTS,
):
    (
        start()
        >> step("whole", "全件の抽出・照合・出力")
        >> step("deliver", "相手先への送信・受領の確認")
        >> step("report", "処理結果表")
    )
