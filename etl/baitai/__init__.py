"""媒体: the archives of 移転4・5 go onto media of the register, are handed over and come back, and are counted at the end of a month (P39, P40, P70).

The register itself is ``etl.daichou``; what may be written, the door has sealed, and knows its hash.
"""
