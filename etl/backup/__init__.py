"""バックアップと復旧 (spec 9, class H): taken, kept, tried, expired, and put back on a fresh home, behind a gate.

``catalog`` what lies in the backup folder · ``box`` one encrypted file · ``wal`` the WAL · ``take`` a backup · ``verify`` a trial restore ·
``prune`` what is over · ``keys`` the keys' own backup · ``restore`` onto a fresh home · ``check`` what is missing there, and who accepts it.
"""
