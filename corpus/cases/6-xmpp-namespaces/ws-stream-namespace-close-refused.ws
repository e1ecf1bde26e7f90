22
<close xmlns='urn:x'/>