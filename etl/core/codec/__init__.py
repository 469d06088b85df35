"""符号化: bytes to columns and back, by the layout. Takes bytes or an open file, never a path of the world."""
