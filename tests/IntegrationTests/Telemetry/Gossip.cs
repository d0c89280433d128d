using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Telemetry;

/// <summary>A conversation over a node, and everything in it that nobody else may learn.</summary>
internal sealed record Gossip(IReadOnlyList<string> Secrets)
{
    private const string Said = "for-your-eyes-only";

    /// <summary>Exchanges keys, talks, reconnects, is refused and ends; the token stands in the query.</summary>
    public static async Task<Gossip> RunAsync(Uri node, RestClient rest)
    {
        // Longer than any number that is measured: a short one would sometimes be found in one.
        const long Far = 8_000_000_000_000_000;
        var (ann, bob) = Pairs.Fresh() is var pair ? (Far + pair.Ann, Far + pair.Bob) : default;
        var agreement = await rest.AgreeAsync(ann, bob);
        var token = TestNode.Mint(ann);
        await using (var sender = await SocketClient.ConnectReadyAsync(node, ann, bob, new Upgrade { Session = agreement.Session, TokenIn = TokenPlace.Query, Token = token }))
        {
            await sender.SendUntilStoredAsync(Said, id: 1);
            await sender.SendUntilStoredAsync(Said, id: 1);
            await sender.SendMsgAsync(Said, id: 7);
            await sender.ExpectAsync("the refusal of a gap", frame => frame.Type == "error" && frame.Number("code") == 40902);

            await using var recipient = await SocketClient.ConnectReadyAsync(node, bob, ann, new Upgrade { Session = agreement.Session });
            await sender.SendUntilStoredAsync(Said, id: 2);
            await recipient.ExpectAsync("the second message", frame => frame.Type == "msg" && frame.Number("seq") == 2);
            await recipient.AckAsync(2);
            await Eventually.HoldsAsync("the sender is told of the delivery", () => sender.LastDelivered == 2);
            await recipient.CloseAsync();
            await sender.CloseAsync();
        }

        await rest.SessionAsync(ann, bob);
        await rest.EndAsync(ann, bob, agreement.Session);
        return new Gossip([Said, agreement.Key, agreement.Session, token, token[^20..], $"{ann}", $"{bob}", Tokens.SigningKey]);
    }

    /// <summary>Fails if any of it can be read.</summary>
    public void IsNotIn(string text) => Assert.All(Secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));
}
