95
<open xmlns="urn:ietf:params:xml:ns:xmpp-framing"
      to="example.com"
      version="1.0" />95
<open xmlns="urn:ietf:params:xml:ns:xmpp-framing"
      to="example.com"
      version="1.0" />