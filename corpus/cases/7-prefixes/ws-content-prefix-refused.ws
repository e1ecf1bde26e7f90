51
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>36
<c:message xmlns:c='jabber:client'/>