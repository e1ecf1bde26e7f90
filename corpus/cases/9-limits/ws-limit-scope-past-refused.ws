51
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>52
<abc xmlns='uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu'/>