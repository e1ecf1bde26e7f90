29
<open xmlns='jabber:client'/>