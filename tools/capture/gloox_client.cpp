// A client of gloox: logs in, says one thing, leaves. Arguments: JID, password, port.
// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/message.h>

class Speaker : public gloox::ConnectionListener {
public:
    explicit Speaker(gloox::Client &client) : client(client) {}

    void onConnect() override
    {
        gloox::JID romeo("romeo@capulet.example");
        const char *subject = "\"\xf0\x9f\x8c\xb9\"", *body = "art thou <not> Romeo & a Montague?";
        client.send(gloox::Message(gloox::Message::Chat, romeo, body, subject));
        client.disconnect();
    }
    void onDisconnect(gloox::ConnectionError) override {}
    bool onTLSConnect(const gloox::CertInfo &) override { return false; }

private:
    gloox::Client &client;
};

int main(int count, char **arguments)
{
    if (count != 4)
        return 2;
    gloox::Client client(gloox::JID(arguments[1]), arguments[2], std::atoi(arguments[3]));
    client.setServer("127.0.0.1");
    client.setTls(gloox::TLSDisabled);
    Speaker speaker(client);
    client.registerConnectionListener(&speaker);
    return client.connect() ? 0 : 1;
}
