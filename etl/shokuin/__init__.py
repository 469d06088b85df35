"""職員: who works here (``register``), how somebody proves who he is (``proof``), and who is typing now (``identity``)."""
