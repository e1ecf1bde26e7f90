157
<open xmlns="urn:ietf:params:xml:ns:xmpp-framing"
      from="example.com"
      id="++TR84Sm6A3hnt3Q065SnAbbk3Y="
      xml:lang="en"
      version="1.0" />114
<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"
       see-other-uri="wss://otherendpoint.example/xmpp-bind" />