using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Im.IntegrationTests.Harness;

/// <summary>What a client gets that asks for a websocket and is refused: <c>ClientWebSocket</c> hides the envelope.</summary>
internal sealed record RefusedUpgrade(int Status, string Head, JsonElement Body)
{
    public int Code => Body.GetProperty("code").GetInt32();

    /// <summary>Asks for an upgrade over a bare socket and reads the whole answer.</summary>
    /// <param name="node">Whom to ask.</param>
    /// <param name="pathAndQuery">Such as <c>/im/ws?to_user_id=7</c>.</param>
    /// <param name="headers">Further header lines; a <c>Host:</c> among them replaces the usual one.</param>
    public static Task<RefusedUpgrade> AskAsync(TestNode node, string pathAndQuery, params string[] headers) => AskAsync(node.BaseAddress, pathAndQuery, headers);

    /// <summary>The same of whoever answers at this address.</summary>
    public static async Task<RefusedUpgrade> AskAsync(Uri address, string pathAndQuery, params string[] headers)
    {
        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeUp.CancelAfter(Eventually.Deadline);
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, timeUp.Token);
        string[] lines =
        [
            $"GET {pathAndQuery} HTTP/1.1", .. headers.Any(header => header.StartsWith("Host:", StringComparison.Ordinal)) ? Array.Empty<string>() : [$"Host: {address.Authority}"],
            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", .. headers, "", "",
        ];
        await using var stream = await OpenAsync(socket, address, timeUp.Token);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", lines)), timeUp.Token);
        return await ReadAsync(stream, timeUp.Token);
    }

    /// <summary>The same by a user of a pair, the token in the Authorization header.</summary>
    public static Task<RefusedUpgrade> AskAsync(TestNode node, long user, string query, params string[] headers) =>
        AskAsync(node, $"/im/ws?{query}", [$"Authorization: Bearer {TestNode.Mint(user)}", .. headers]);

    private static async Task<Stream> OpenAsync(TcpClient socket, Uri address, CancellationToken cancellationToken)
    {
        if (address.Scheme == Uri.UriSchemeHttp)
        {
            return socket.GetStream();
        }

        var tls = new SslStream(socket.GetStream());
        var options = new SslClientAuthenticationOptions { TargetHost = "localhost" };

        // The test's own, which nobody vouches for.
        options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is { Subject: "CN=localhost" };
        await tls.AuthenticateAsClientAsync(options, cancellationToken);
        return tls;
    }

    private static async Task<RefusedUpgrade> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var read = new List<byte>();
        var buffer = new byte[4096];
        while (true)
        {
            var text = Encoding.UTF8.GetString([.. read]);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && TryParse(text[..end], text[(end + 4)..]) is { } refusal)
            {
                return refusal;
            }

            var count = await stream.ReadAsync(buffer, cancellationToken);
            Assert.True(count > 0, $"The answer broke off: {text}");
            read.AddRange(buffer.AsSpan(0, count));
        }
    }

    /// <summary>Null while the body is not whole. A connection that was asked to upgrade may stay open, so its end tells nothing.</summary>
    private static RefusedUpgrade? TryParse(string head, string body)
    {
        var status = int.Parse(head.Split(' ')[1], CultureInfo.InvariantCulture);
        Assert.True(status != 101, "The upgrade was accepted.");
        if (head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
        {
            if (!body.EndsWith("0\r\n\r\n", StringComparison.Ordinal))
            {
                return null;
            }

            body = string.Concat(body.Split("\r\n").Where((_, i) => i % 2 == 1));
        }

        try
        {
            return new RefusedUpgrade(status, head, JsonElement.Parse(body));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
