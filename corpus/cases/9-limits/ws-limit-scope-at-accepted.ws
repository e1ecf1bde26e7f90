51
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>51
<abc xmlns='uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu'/>