using System.Text;
using Im.Client;
using Im.Client.Errors;
using Im.Client.Messaging;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.Client.Messaging;

/// <summary>What goes on the wire, when, and again; when a message counts as sent and as delivered.</summary>
public sealed class OutboxTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Outbox _outbox;

    public OutboxTests() => _outbox = new Outbox((text, id) => $"{Encoding.UTF8.GetString(text)}-{id}", 5, 3, new SendPause(_clock, new Wake()));

    [Fact]
    public void Nothing_goes_out_before_the_connection_is_ready_and_then_everything_in_order()
    {
        Add("a", "b");
        Assert.Empty(Written());

        _outbox.Ready(0, 0);

        Assert.Equal(["a-1", "b-2"], Written());
    }

    [Fact]
    public void No_more_go_out_than_may_be_unanswered()
    {
        _outbox.Ready(0, 0);
        Add("a", "b", "c", "d");
        Assert.Equal(["a-1", "b-2", "c-3"], Written());

        _outbox.Stored(1, 1);

        Assert.Equal(["d-4"], Written());
    }

    [Fact]
    public void One_more_than_there_is_room_for_is_refused()
    {
        Add("a", "b", "c", "d", "e");

        Assert.Equal(ImErrorKind.OutboxFull, Assert.Throws<ImException>(() => Add("f")).Kind);
    }

    [Fact]
    public void After_a_reconnect_what_the_relay_has_not_goes_out_again_as_it_was()
    {
        _outbox.Ready(0, 0);
        var entries = Add("a", "b", "c");
        Written();
        _outbox.Closed();
        Add("d");
        Assert.Empty(Written());

        _outbox.Ready(1, 0);

        Assert.True(entries[0].Stored.Task.IsCompletedSuccessfully);
        Assert.Equal(["b-2", "c-3", "d-4"], Written());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_relay_that_knows_less_than_it_said_or_more_than_was_sent_lost_the_session(long lastId)
    {
        _outbox.Ready(0, 0);
        Add("a", "b");
        Written();
        _outbox.Stored(1, 1);
        _outbox.Closed();

        Assert.Equal(ImErrorKind.SessionLost, Assert.Throws<ImException>(() => _outbox.Ready(lastId, 0)).Kind);
    }

    [Fact]
    public void A_refused_message_and_all_behind_it_go_out_again_after_a_rest_that_grows()
    {
        _outbox.Ready(0, 0);
        Add("a", "b", "c");
        Written();
        _outbox.Stored(1, 1);

        var again = Refuse(2, 42901);
        Assert.Null(_outbox.Refused(2, isExpected: true, Failures.Of(50300)));
        Assert.InRange(again!.Value - _clock.GetUtcNow(), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1));
        Assert.Empty(Written());

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["b-2", "c-3"], Written());
        Assert.InRange(Refuse(2, 42901)!.Value - _clock.GetUtcNow(), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Whatever_is_refused_for_how_long_the_rest_has_an_end()
    {
        _outbox.Ready(0, 0);
        Add("a");
        for (var time = 0; time < 20; time++)
        {
            Written();
            Assert.InRange(Refuse(1, 42901)!.Value - _clock.GetUtcNow(), TimeSpan.Zero, TimeSpan.FromSeconds(15));
            _clock.Advance(TimeSpan.FromSeconds(15));
        }
    }

    [Fact]
    public void A_sent_with_a_higher_id_says_that_all_before_are_stored_and_ends_the_rest()
    {
        _outbox.Ready(0, 0);
        var entries = Add("a", "b", "c", "d");
        Written();
        Refuse(1, 50300);

        Assert.True(_outbox.Stored(2, 2));

        Assert.True(entries[0].Stored.Task.IsCompletedSuccessfully && entries[1].Stored.Task.IsCompletedSuccessfully);
        Assert.Equal(["c-3", "d-4"], [.. Written().Distinct()]);
    }

    [Fact]
    public void An_expected_id_that_was_stored_before_means_that_the_store_went_back()
    {
        _outbox.Ready(0, 0);
        Add("a", "b");
        Written();
        _outbox.Stored(1, 1);

        Assert.Equal(ImErrorKind.SessionLost, Assert.Throws<ImException>(() => _outbox.Refused(1, isExpected: true, Failures.Of(50300))).Kind);
    }

    [Fact]
    public async Task A_message_is_delivered_when_the_peer_acknowledged_it()
    {
        _outbox.Ready(0, 0);
        var entries = Add("a", "b");
        Written();
        _outbox.Stored(2, 2);
        var (a, b) = (await entries[0].Stored.Task, await entries[1].Stored.Task);

        Assert.True(_outbox.Delivered(1));
        Assert.False(_outbox.Delivered(1));

        Assert.Equal((1, true, 2, false), (a.Id, a.Delivered.IsCompleted, b.Id, b.Delivered.IsCompleted));
    }

    [Fact]
    public void A_message_that_was_taken_back_in_time_never_goes_out_and_leaves_no_gap()
    {
        var entries = Add("a", "b", "c");
        _outbox.Withdraw(entries[1]);

        _outbox.Ready(0, 0);

        Assert.Equal(["a-1", "c-2"], Written());
    }

    [Fact]
    public async Task At_the_end_everything_that_waits_fails_with_the_reason()
    {
        _outbox.Ready(0, 0);
        var entries = Add("a", "b", "c", "d");
        Written();
        _outbox.Stored(1, 1);

        _outbox.End(Failures.WentBack());

        Assert.Equal(ImErrorKind.SessionLost, (await Assert.ThrowsAsync<ImException>(() => entries[3].Stored.Task)).Kind);
        await Assert.ThrowsAsync<ImException>(async () => await (await entries[0].Stored.Task).Delivered);
        Assert.Throws<ImException>(() => Add("e"));
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(1, 2)]
    [InlineData(0, 0)]
    public void An_answer_to_what_was_never_sent_is_no_protocol(long id, long seq)
    {
        _outbox.Ready(0, 0);
        Add("a");
        Written();

        Assert.Equal(ImErrorKind.ProtocolViolation, Assert.Throws<ImException>(() => _outbox.Stored(id, seq)).Kind);
    }

    public void Dispose() => _outbox.Dispose();

    private OutboxEntry[] Add(params string[] texts) => [.. texts.Select(text => _outbox.Add(Encoding.UTF8.GetBytes(text)))];

    [Theory]
    [InlineData(50300, true)]
    [InlineData(42901, true)]
    [InlineData(42900, false)]
    public void What_rests_goes_out_at_once_for_who_asks_unless_the_relay_said_it_was_too_fast(int code, bool goesOut)
    {
        _outbox.Ready(0, 0);
        Add("a");
        Written();
        Refuse(1, code);
        Assert.Empty(Written());

        _outbox.RetryNow();

        Assert.Equal(goesOut ? ["a-1"] : [], Written());
    }

    private DateTimeOffset? Refuse(long id, int code) => _outbox.Refused(id, isExpected: false, Failures.Of(code));

    /// <summary>The data of everything that goes out now.</summary>
    private string[] Written()
    {
        var written = new List<string>();
        while (_outbox.Next() is { } frame)
        {
            written.Add(System.Text.Json.JsonElement.Parse(frame).GetProperty("data").GetString()!);
        }

        return [.. written];
    }
}
