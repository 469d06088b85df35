"""台帳: the registers of what people keep and destroy themselves: paper, media and disks, copies at contractors (P44, P45, P54, P75, P93)."""
