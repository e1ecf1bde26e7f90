86
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='capulet.example' version='1.0'/>142
<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1qdWxpZXQscj1ibTl1WTJVZ2IyWWdhblZzYVdWMExDQnRZV1JsSUhWdw==</auth>206
<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>Yz1iaXdzLHI9Ym05dVkyVWdiMllnYW5Wc2FXVjBMQ0J0WVdSbElIVndjMmZiZjc3MS0wM2FlLTRlZjYtYmI0NC02N2FkYTgyMDQ0ZDIscD1WM0lmODg2MHVsTlJicVhJOFZNVkVxZU00dzA9</response>86
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='capulet.example' version='1.0'/>134
<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>45
<enable xmlns='urn:xmpp:sm:3' resume='true'/>26
<r xmlns='urn:xmpp:sm:3'/>