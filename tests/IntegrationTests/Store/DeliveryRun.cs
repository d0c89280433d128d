using System.Text;
using Im.Application.KeyExchange;
using Im.Application.Messaging;
using Im.Domain;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Store;

/// <summary>A pair on a store and in the model: does each step to both, and says where they differ.</summary>
internal sealed class DeliveryRun(StoreConversation talk, DeliveryStore store, DeliveryModel model)
{
    private readonly StringBuilder _trace = new();
    private readonly List<Attachment> _connections = [];
    private readonly Dictionary<UserId, FoundSession> _found = [];
    private readonly List<SessionId> _sessions = [];
    private (ModelState State, Func<Task> PutBack)? _remembered;
    private int _bodies;
    private bool _isAway;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Null: store and model agree on all steps. Else what was done and where they differ.</summary>
    /// <remarks>A call that the store does not answer in time may or may not have been done: then all begins again, with other users.</remarks>
    public static async Task<string?> DifferenceAsync(TestNode node, MessagingOptions options, IReadOnlyList<Step> steps)
    {
        for (var attempt = 1; ; attempt++)
        {
            var talk = StoreConversation.On(node, options);
            await using var store = await DeliveryStore.OfAsync(talk, options);
            var run = new DeliveryRun(talk, store, new DeliveryModel(talk.Pair, options));
            var difference = await run.DoAsync(steps);
            if (!run._isAway || attempt == 3)
            {
                return difference;
            }
        }
    }

    private async Task<string?> DoAsync(IReadOnlyList<Step> steps)
    {
        foreach (var step in steps)
        {
            if (await DoAsync(step) is { } difference)
            {
                return $"{_trace}{difference}";
            }
        }

        return null;
    }

    private async Task<string?> DoAsync(Step step)
    {
        model.BeginStep();
        var difference = await ActAsync(step, step.ByAnn ? talk.Ann : talk.Bob);
        if (difference is not null)
        {
            return difference;
        }

        difference = Differs("the store", store.Expected(model), await store.ActualAsync());
        foreach (var user in new[] { talk.Ann, talk.Bob })
        {
            var told = model.Told.Where(notice => notice.To == user).Select(notice => notice.Text);
            difference ??= Differs($"what {user} heard", string.Join('\n', told), string.Join('\n', await store.HeardAsync(user)));
        }

        return difference;
    }

    private async Task<string?> ActAsync(Step step, UserId user)
    {
        var n = step.N;
        switch (step.Act)
        {
            case Act.Exchange or Act.ExchangeOtherMode or Act.ExchangeNotOpening:
                return await ExchangeAsync(step, user);
            case Act.Find or Act.Attach or Act.AttachAsFound or Act.AttachSeen or Act.AttachLost:
                return await ConnectAsync(step, user);
            case Act.End:
                return Same(step, model.End(null), await talk.Handshakes.EndAsync(talk.Pair, null, Cancelled));
            case Act.EndThis or Act.EndOlder when _sessions.Count > 0:
                var only = step.Act is Act.EndThis ? _sessions[^1] : _sessions[n % _sessions.Count];
                return Same(step, model.End(only), await talk.Handshakes.EndAsync(talk.Pair, only, Cancelled));
            case Act.Expire:
                model.State = new ModelState(null, null);
                return await HarmAsync(step, store.ForgetAsync("session", "handshake", $"queue:{talk.Ann}", $"queue:{talk.Bob}"));
            case Act.ExpireSession:
                model.State = model.State with { Session = null };
                return await HarmAsync(step, store.ForgetAsync("session", $"queue:{talk.Ann}", $"queue:{talk.Bob}"));
            case Act.ExpireHandshake:
                model.State = model.State with { Handshake = null };
                return await HarmAsync(step, store.ForgetAsync("handshake"));
            case Act.LoseNewest or Act.LoseOldest when model.State.Session is not null && model.Of(user) is { Queue.IsEmpty: false } own:
                model.Set(user, own with { Queue = own.Queue.RemoveAt(step.Act is Act.LoseNewest ? own.Queue.Count - 1 : 0) });
                return await HarmAsync(step, store.LoseAsync(user, newest: step.Act is Act.LoseNewest));
            case Act.Remember:
                _remembered = (model.State, await store.RememberAsync());
                return await HarmAsync(step, Task.CompletedTask);
            case Act.GoBack when _remembered is { } remembered:
                model.State = remembered.State;
                return await HarmAsync(step, remembered.PutBack());
            case >= Act.Send and <= Act.Detach when ConnectionOf(user, n) is { } connection:
                return await UseAsync(step, connection);
            default:
                return null; // There is nothing yet to do this with.
        }
    }

    private async Task<string?> ExchangeAsync(Step step, UserId user)
    {
        // The mode of the handshake that is there; every third one is of public keys.
        var mode = model.State.Handshake?.Mode ?? (_sessions.Count % 3 == 2 ? KeyMode.PublicKeys : KeyMode.ServerKey);
        var inKeyMode = (mode is KeyMode.ServerKey) != (step.Act is Act.ExchangeOtherMode);
        var proposal = inKeyMode
            ? Handshake.Open(talk.Pair, user, ImKey.Generate(32))
            : Handshake.Open(talk.Pair, user, PublicKey.Parse($"{_bodies++:D4}").Value);
        var mayOpen = step.Act is not Act.ExchangeNotOpening;
        var expected = model.Exchange(user, proposal, mayOpen);
        var actual = await talk.Handshakes.ExchangeAsync(new ExchangeCall(proposal, mayOpen), Cancelled);
        if (expected.IsOk && !_sessions.Contains(expected.Value.Handshake.Session))
        {
            _sessions.Add(expected.Value.Handshake.Session);
        }

        return Same(step, expected, actual, answer => Shown(answer.Handshake, answer.Opened), answer => Shown(answer.Stored.Handshake, answer.Opened));
    }

    private async Task<string?> ConnectAsync(Step step, UserId user)
    {
        if (step.Act is not Act.AttachAsFound)
        {
            var expected = model.Find(user);
            var actual = await talk.Sessions.FindAsync(talk.Pair, user, Cancelled);
            var difference = Same(step, expected, actual, found => $"{found.Id.Hex} {found.Epoch}", found => $"{found.Session.Id.Hex} {found.Epoch}");
            if (difference is not null || !actual.IsOk)
            {
                return difference;
            }

            _found[user] = actual.Value;
        }

        if (step.Act is Act.Find || !_found.TryGetValue(user, out var at))
        {
            return null;
        }

        var waiting = model.State.Session is null ? 0 : (int)model.Of(user).Seq;
        var seen = step.Act switch { Act.AttachSeen => step.N % (waiting + 1), Act.AttachLost => waiting + 1, _ => 0 };
        var answered = await talk.Sessions.AttachAsync(at, user, seen, Cancelled);
        var attached = model.Attach(at.Session.Id, at.Epoch, user, seen, answered.IsOk ? answered.Value.Attachment.Epoch : 0);
        if (answered.IsOk)
        {
            _connections.Add(answered.Value.Attachment);
        }

        return Same(step, attached, answered, Shown, Shown);
    }

    private async Task<string?> UseAsync(Step step, Attachment connection)
    {
        var n = step.N;
        var (own, peer) = model.State.Session is null ? (new ModelUser([]), new ModelUser([])) : (model.Of(connection.User), model.Of(connection.Peer));
        var keepsIds = own.LastId > 0 || (peer.Seq == 0 && (_sessions.Count + (connection.User == talk.Ann ? 1 : 0)) % 3 > 0);
        switch (step.Act)
        {
            case Act.Send:
                return await SendAsync(step, connection, keepsIds ? own.LastId + 1 : null, 1);
            case Act.SendMany: // In one call or several, as the moment has it: which ones a damaged queue refuses would depend on that.
                return await SendAsync(step, connection, keepsIds ? own.LastId + 1 : null, peer.IsDamaged ? 1 : 2 + (n % 5));
            case Act.Resend:
                return await SendAsync(step, connection, 1 + (n % Math.Max(own.LastId, 1)), 1);
            case Act.SkipId:
                return await SendAsync(step, connection, own.LastId + 2 + (n % 3), 1);
            case Act.MixIds:
                return await SendAsync(step, connection, keepsIds ? null : 1, 1);
            case Act.Acknowledge: // An older one, one of those that wait, or the next that was never given.
                var seq = n % 7 == 0 ? own.Seq + 1 + (n % 2) : n % 5 == 0 ? n % (own.Acknowledged + 1) : own.Acknowledged + (n % (own.Seq - own.Acknowledged + 1));
                return Same(step, model.Acknowledge(connection, seq), await talk.AcknowledgeAsync(connection, seq), with: $"{connection.Epoch}: {seq}");
            case Act.Read:
                var from = n % (own.Seq + 3);
                return Same(
                    step,
                    model.Read(connection, from),
                    await talk.Queue.ReadAsync(connection, from, Cancelled),
                    page => $"{page}",
                    page => $"{(page.FirstSeq, string.Join('|', page.Bodies.Select(body => Encoding.ASCII.GetString(body.Span))), page.LastSeq)}",
                    $"{connection.Epoch}: {from}");
            case Act.Touch:
                return Same(step, model.Touch(connection), await talk.Sessions.TouchAsync(connection, Cancelled), Shown, Shown, $"{connection.Epoch}");
            case Act.Signal:
                return Same(step, model.Signal(connection, "typing"), await talk.Events.SignalAsync(connection, "typing"u8.ToArray(), Cancelled), with: $"{connection.Epoch}");
            default:
                return Same(step, model.Detach(connection), await talk.Sessions.DetachAsync(connection, Cancelled), with: $"{connection.Epoch}");
        }
    }

    private async Task<string?> SendAsync(Step step, Attachment connection, long? id, int count)
    {
        string[] bodies = [.. Enumerable.Range(0, count).Select(i => $"{_bodies++}".PadRight(1 + ((step.N + (i * 7)) % 23), '.'))];
        var expected = bodies.Select((body, i) => model.Send(connection, id + i, body)).ToArray();
        var actual = await Task.WhenAll(bodies.Select((body, i) => talk.SendAsync(connection, body, id + i)));
        string? difference = null;
        for (var i = 0; i < count; i++)
        {
            difference ??= Same(step, expected[i], actual[i], with: $"{connection.Epoch}: {bodies[i]} id {id + i}");
        }

        return difference;
    }

    /// <summary>Mostly the user's newest connection; every third time any that they ever had.</summary>
    private Attachment? ConnectionOf(UserId user, int n)
    {
        var own = _connections.Where(connection => connection.User == user).ToArray();
        return own.Length == 0 ? null : n % 3 == 0 ? own[n / 3 % own.Length] : own[^1];
    }

    private async Task<string?> HarmAsync(Step step, Task harm)
    {
        await harm;
        _trace.AppendLine($"{Name(step)}");
        return null;
    }

    private string? Same<T>(Step step, Result<T> expected, Result<T> actual, string with = "") =>
        Same(step, expected, actual, value => $"{value}", value => $"{value}", with);

    private string? Same<TExpected, TActual>(
        Step step, Result<TExpected> expected, Result<TActual> actual, Func<TExpected, string> ofExpected, Func<TActual, string> ofActual, string with = "")
    {
        _isAway |= actual.Error == Errors.StoreUnavailable;
        var (model, store) = (expected.IsOk ? ofExpected(expected.Value) : $"{expected.Error}", actual.IsOk ? ofActual(actual.Value) : $"{actual.Error}");
        _trace.AppendLine($"{Name(step)} {with} -> {(actual.IsOk ? store : actual.Error.Code)}");
        return Differs("the answer", model, store);
    }

    private static string? Differs(string what, string model, string store) =>
        model == store ? null : $"{what} differs.\n-- model:\n{model}\n-- store:\n{store}";

    private static string Name(Step step) => $"{(step.ByAnn ? "Ann" : "Bob")} {step.Act}";

    private string Shown(Handshake handshake, bool opened) =>
        $"{handshake.Session.Hex} by {handshake.OpenedBy} {handshake.Mode} {handshake.IsCompleted} {handshake.PublicKeyOf(talk.Ann)?.Text} {handshake.PublicKeyOf(talk.Bob)?.Text} "
        + $"{(handshake.Key is null ? "" : Convert.ToHexString(handshake.Key.Bytes))} opened {opened}";

    private static string Shown(Attached attached) => $"{attached.Attachment.Session.Id.Hex} {attached.Attachment.Epoch} {Shown(attached.Progress)}";

    private static string Shown(SessionProgress progress) => $"{progress with { PeerHandshake = null }} {progress.PeerHandshake?.Hex}";
}
