using Im.Client;
using Im.Client.Accounts;
using Im.Client.KeyExchange;
using Im.Client.Wire;

namespace Im.UnitTests.Client.KeyExchange;

/// <summary>What a client does with each answer to the key exchange, honest or not.</summary>
public sealed class RendezvousTests
{
    private const string One = "00000000000000000000000000000001";
    private const string Two = "00000000000000000000000000000002";
    private static readonly KeyPair Peer = KeyPair.Generate();

    private readonly WaitedClock _clock = new(DateTimeOffset.UnixEpoch.AddDays(20_000)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(10) };

    [Fact]
    public async Task The_first_completed_answer_is_the_agreement()
    {
        using var server = new FakeServer((call, asked) => Answer(asked.GetProperty("public_key").GetString(), call == 1 ? 0 : 1));

        var agreement = await MeetAsync(server);

        Assert.Equal((One, KeyMode.PublicKeys, true), (agreement.Session, agreement.KeyMode, agreement.Cipher.SafetyNumber is not null));
        Assert.Single(server.Keys.Distinct());
    }

    [Fact]
    public async Task Another_public_key_than_ones_own_is_refused_the_second_time_and_the_session_ended()
    {
        using var foreign = KeyPair.Generate();
        using var server = new FakeServer((call, _) => Answer(foreign.Public.Text, 1, call == 1 ? Two : One));

        await FailsAsync(ImErrorKind.KeySubstituted, server);
        Assert.Equal(2, server.Keys.Distinct().Count());
    }

    [Fact]
    public async Task What_an_earlier_client_of_the_user_left_is_ended_and_keys_are_exchanged_anew()
    {
        using var earlier = KeyPair.Generate();
        using var server = new FakeServer((call, asked) => call == 1 ? Answer(earlier.Public.Text, 1) : Answer(asked.GetProperty("public_key").GetString(), 1, Two));

        var agreement = await MeetAsync(server);

        Assert.Equal((Two, 2), (agreement.Session, server.Keys.Distinct().Count()));
        Assert.Equal([$"DELETE /im/sessions/10?session={One}"], server.Calls.Where(call => call.StartsWith("DELETE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_an_earlier_client_left_is_not_taken_for_another_one_where_the_server_could_not_end_it()
    {
        var ends = 0;
        using var earlier = KeyPair.Generate();
        using var server = new FakeServer(
            (call, asked) => ends < 2 ? Answer(earlier.Public.Text, 1) : Answer(asked.GetProperty("public_key").GetString(), 1, Two),
            () => ++ends < 2 ? FakeServer.Refuse(50300) : null);

        Assert.Equal((Two, 2), ((await MeetAsync(server)).Session, ends));
    }

    [Fact]
    public async Task Ones_own_key_as_the_peers_is_refused_and_the_session_ended()
    {
        using var server = new FakeServer((_, asked) => Answer(asked.GetProperty("public_key").GetString(), 1, peerKey: asked.GetProperty("public_key").GetString()));

        await FailsAsync(ImErrorKind.KeySubstituted, server);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_peers_key_that_is_none_is_refused_and_the_session_ended(string? key)
    {
        using var server = new FakeServer((_, asked) => Answer(asked.GetProperty("public_key").GetString(), 1, peerKey: key));

        await FailsAsync(ImErrorKind.KeySubstituted, server);
    }

    [Fact]
    public async Task A_servers_key_is_never_used_where_public_keys_were_asked_for()
    {
        using var server = new FakeServer((_, _) => new { im_key = new string('a', 64), from_user_id = 9, to_user_id = 10, im_session = One, is_read = 1, expires_in = 60 });

        await FailsAsync(ImErrorKind.KeySubstituted, server);
    }

    [Fact]
    public async Task When_another_handshake_answers_a_new_pair_is_published_before_it_completes()
    {
        using var server = new FakeServer((call, asked) => Answer(asked.GetProperty("public_key").GetString(), call == 3 ? 1 : 0, call == 1 ? One : Two));

        await MeetAsync(server);

        Assert.Equal(server.Keys[0], server.Keys[1]);
        Assert.NotEqual(server.Keys[1], server.Keys[2]);
    }

    [Fact]
    public async Task A_pair_that_was_published_for_another_handshake_derives_nothing()
    {
        using var server = new FakeServer((call, asked) => Answer(asked.GetProperty("public_key").GetString(), call == 1 ? 0 : 1, call == 1 ? One : Two));

        await MeetAsync(server);

        Assert.Contains($"DELETE /im/sessions/10?session={Two}", server.Calls);
        Assert.NotEqual(server.Keys[1], server.Keys[2]);
    }

    [Fact]
    public async Task When_the_handshake_has_expired_the_next_call_comes_with_a_new_pair()
    {
        using var server = new FakeServer((call, asked) => Answer(asked.GetProperty("public_key").GetString(), call == 3 ? 1 : 0, call == 1 ? One : Two, expiresIn: 0));

        await MeetAsync(server);

        Assert.Equal(3, server.Keys.Distinct().Count());
    }

    [Fact]
    public async Task A_handshake_that_the_peer_completes_in_the_moment_it_was_given_up_counts_with_the_pair_it_was_opened_with()
    {
        string? opened = null;
        using var server = new FakeServer((call, asked) => Answer(opened ??= asked.GetProperty("public_key").GetString(), call == 1 ? 0 : 1, expiresIn: 0));

        var agreement = await MeetAsync(server);

        Assert.Equal((One, 2), (agreement.Session, server.Keys.Distinct().Count()));
        Assert.DoesNotContain(server.Calls, call => call.StartsWith("DELETE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pair_that_was_given_up_completes_no_other_handshake()
    {
        string? opened = null;
        using var server = new FakeServer((call, asked) =>
            Answer(opened ??= asked.GetProperty("public_key").GetString(), call == 1 ? 0 : 1, call == 1 ? One : Two, expiresIn: 0));

        Assert.Equal(ImErrorKind.KeySubstituted, (await Assert.ThrowsAsync<ImException>(() => MeetAsync(server))).Kind);
        Assert.Equal($"DELETE /im/sessions/10?session={Two}", server.Calls[^1]);
        Assert.Equal(2, server.Calls.Count(call => call.StartsWith("DELETE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_server_makes_nobody_wait_for_longer_than_an_hour()
    {
        var refusal = FakeServer.Refuse(42900);
        refusal.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(TimeSpan.FromDays(1000));
        using var server = new FakeServer((_, _) => refusal);

        Assert.Equal(TimeSpan.FromHours(1), (await Assert.ThrowsAsync<ImException>(() => MeetAsync(server))).RetryAfter);
    }

    [Theory]
    [InlineData(40900, ImErrorKind.KeyModeMismatch)]
    [InlineData(40300, ImErrorKind.NotPermitted)]
    [InlineData(40100, ImErrorKind.Unauthenticated)]
    [InlineData(40000, ImErrorKind.InvalidInput)]
    public async Task What_waiting_does_not_mend_is_said_at_once(int code, ImErrorKind kind)
    {
        using var server = new FakeServer((_, _) => FakeServer.Refuse(code));

        Assert.Equal((kind, code), (await Assert.ThrowsAsync<ImException>(() => MeetAsync(server))) is var error ? (error.Kind, error.Code) : default);
        Assert.Single(server.Calls);
    }

    [Theory]
    [InlineData(42900)]
    [InlineData(50300)]
    public async Task What_waiting_may_mend_is_asked_again_with_the_same_key(int code)
    {
        using var server = new FakeServer((call, asked) => call < 4 ? FakeServer.Refuse(code) : Answer(asked.GetProperty("public_key").GetString(), 1));

        await MeetAsync(server);

        Assert.Equal((4, 1), (server.Keys.Count, server.Keys.Distinct().Count()));
    }

    [Fact]
    public async Task A_peer_who_does_not_come_is_absent_and_a_server_that_answers_at_once_is_not_asked_all_the_time()
    {
        using var server = new FakeServer((_, asked) => Answer(asked.GetProperty("public_key").GetString(), 0));

        Assert.Equal(ImErrorKind.PeerAbsent, (await Assert.ThrowsAsync<ImException>(() => MeetAsync(server))).Kind);
        Assert.InRange(server.Calls.Count, 3, 200);
    }

    [Fact]
    public async Task It_says_that_the_server_does_not_answer_and_at_once_when_it_answers_again()
    {
        List<int> waits = [];
        using var server = new FakeServer((call, asked) =>
        {
            waits.Add(asked.GetProperty("wait_seconds").GetInt32());
            return call is 2 or 3 ? FakeServer.Refuse(50300) : Answer(asked.GetProperty("public_key").GetString(), call == 5 ? 1 : 0);
        });
        var told = new Told();

        await MeetAsync(server, progress: told);

        Assert.Equal(
            [RendezvousStep.Asking, RendezvousStep.WaitingForPeer, RendezvousStep.Retrying, RendezvousStep.Retrying, RendezvousStep.WaitingForPeer, RendezvousStep.Completed],
            told.All.Select(progress => progress.Step));
        Assert.All(told.All, progress => Assert.Equal(progress.Step is RendezvousStep.Retrying, progress is { Error.Kind: ImErrorKind.ServerUnavailable, RetryIn: not null }));

        // What is asked after a fault is not held back: half a minute later it would still be said that nobody answers.
        Assert.Equal([0, 30, 0, 0, 30], waits);
    }

    [Fact]
    public async Task A_server_that_answers_only_what_is_not_held_back_is_not_asked_all_the_time()
    {
        using var server = new FakeServer((_, asked) =>
            asked.GetProperty("wait_seconds").GetInt32() > 0 ? FakeServer.Refuse(50300) : Answer(asked.GetProperty("public_key").GetString(), 0));

        // Which of the two was answered last, is chance.
        var end = await Assert.ThrowsAsync<ImException>(() => MeetAsync(server));
        Assert.Contains(end.Kind, new[] { ImErrorKind.ServerUnavailable, ImErrorKind.PeerAbsent });
        Assert.InRange(server.Calls.Count, 3, 100);
    }

    [Theory]
    [InlineData("0102030405060708", true)]
    [InlineData("000102030405060708090a0b0c0d0e0f", false)]
    public async Task A_short_key_of_the_server_is_said_to_be_short(string key, bool isShort)
    {
        using var server = new FakeServer((_, _) => new { im_key = key, from_user_id = 9, to_user_id = 10, im_session = One, is_read = 1, expires_in = 60 });

        var agreement = await MeetAsync(server, KeyMode.ServerKey);

        Assert.Equal((isShort, null), (agreement.IsKeyShort, agreement.Cipher.SafetyNumber));
        Assert.Equal([null], server.Keys);
    }

    [Theory]
    [InlineData(9, 11, One)]
    [InlineData(9, 10, "ABCDEF00000000000000000000000001")]
    [InlineData(9, 10, "x&session=y")]
    public async Task An_answer_that_is_not_in_form_is_no_protocol(long from, long to, string session)
    {
        using var server = new FakeServer((_, _) => new { im_key = new string('a', 64), from_user_id = from, to_user_id = to, im_session = session, is_read = 1, expires_in = 60 });

        Assert.Equal(ImErrorKind.ProtocolViolation, (await Assert.ThrowsAsync<ImException>(() => MeetAsync(server, KeyMode.ServerKey))).Kind);
    }

    private static object Answer(string? key, int isRead, string session = One, string? peerKey = "the peer's", long expiresIn = 300) => new
    {
        public_key = key,
        peer_public_key = isRead == 0 ? null : peerKey == "the peer's" ? Peer.Public.Text : peerKey,
        from_user_id = 9,
        to_user_id = 10,
        im_session = session,
        is_read = isRead,
        expires_in = expiresIn,
    };

    private async Task FailsAsync(ImErrorKind kind, FakeServer server)
    {
        Assert.Equal(kind, (await Assert.ThrowsAsync<ImException>(() => MeetAsync(server))).Kind);
        Assert.Equal($"DELETE /im/sessions/10?session={One}", server.Calls[^1]);
    }

    private async Task<Agreement> MeetAsync(FakeServer server, KeyMode mode = KeyMode.PublicKeys, IProgress<RendezvousProgress>? progress = null)
    {
        var options = new ImClientOptions { Server = new Uri("http://im.test"), Handler = server, TimeProvider = _clock, RequestTimeout = WaitedClock.LimitOfCalls };
        using var calls = new Calls(new RestCalls(options), new TokenKeeper(new Account(9, "token", _clock.GetUtcNow().AddHours(1)), options));
        var meeting = new Rendezvous(calls, 9, 10, new RendezvousOptions { KeyMode = mode, Patience = TimeSpan.FromMinutes(2), Progress = progress }, _clock).RunAsync(TestContext.Current.CancellationToken);

        await _clock.PassAsync(TimeSpan.FromMilliseconds(100), meeting);
        return await meeting;
    }

    private sealed class Told : IProgress<RendezvousProgress>
    {
        public List<RendezvousProgress> All { get; } = [];

        public void Report(RendezvousProgress value) => All.Add(value);
    }
}
