majlis_unit_test(smtp SOURCES smtp_reply_test.cpp smtp_conversation_test.cpp USES net_smtp_protocol)
majlis_unit_test(smtp_session SOURCES smtp_session_test.cpp smtp_peer.cpp USES net_smtp test_dovecot)
# It waits for time-outs, 84 peers long; a busy machine doubles it.
set_tests_properties(unit_smtp_session PROPERTIES TIMEOUT 900)
