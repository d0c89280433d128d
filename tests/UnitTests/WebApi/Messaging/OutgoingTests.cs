using System.Text;
using Im.Application.Messaging;
using Im.Domain;
using Im.UnitTests.Application.Messaging;
using Im.WebApi.Messaging;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class OutgoingTests
{
    private const string Offline = """{"type":"presence","user_id":10,"online":false}""";

    [Fact]
    public void Presence_comes_first_then_what_waited_then_ready_then_what_came_since()
    {
        var outgoing = Connected(Progress.None with { LastSeq = 2 });
        outgoing.Offer(new SessionEvent.SignalSent("ring"u8.ToArray()));

        Assert.Equal([Offline, "Page"], outgoing.Say());
        outgoing.Offer(Talk.Stored(3, 3));
        Assert.True(outgoing.TryAdd(Talk.Page(1, 3, 3), 2));

        Assert.Equal(["message 1", "message 2", Ready(seq: 2), "message 3", "ring"], outgoing.Say());
    }

    [Fact]
    public void Ready_comes_at_once_where_nothing_waits() => Assert.Equal([Offline, Ready(seq: 0)], Connected(Progress.None).Say());

    [Fact]
    public void Ready_comes_when_the_client_says_that_it_has_what_waited()
    {
        var outgoing = Connected(Progress.None with { LastSeq = 2 });
        Assert.Equal([Offline, "Page"], outgoing.Say());

        Assert.True(outgoing.TryAcknowledge(2, out _));

        Assert.Equal([Ready(seq: 2)], outgoing.Say());
    }

    [Fact]
    public void Ready_says_how_far_the_session_was_when_the_client_connected()
    {
        var outgoing = Connected(Progress.None with { LastSeq = 1, Acknowledged = 1, LastId = 4, SentSeq = 4, Delivered = 3 });

        outgoing.Learn(Progress.None with { LastSeq = 1, Acknowledged = 1, LastId = 4, SentSeq = 4, Delivered = 3, PeerEpoch = 1, PeerOnline = true });

        Assert.Contains(Ready(seq: 1, lastId: 4, delivered: 3), outgoing.Say());
    }

    [Fact]
    public void Plain_mode_says_only_messages_and_answers()
    {
        var outgoing = new Outgoing(Talk.Attached(Progress.None with { PeerHandshake = SessionId.Generate() }), plain: true, TimeProvider.System);
        outgoing.Offer(new SessionEvent.SignalSent("ring"u8.ToArray()));
        outgoing.Offer(new SessionEvent.PresenceChanged(1, true));
        outgoing.Offer(new SessionEvent.Delivered(1));
        outgoing.Learn(Progress.None with { SentSeq = 1, Delivered = 1, PeerEpoch = 2, PeerHandshake = SessionId.Generate() });
        outgoing.Add(new Answer(null, null, "error"u8.ToArray()));
        outgoing.Offer(Talk.Stored(1, 1));

        Assert.Equal(["Answer", "message 1"], outgoing.Say());
    }

    [Fact]
    public void Answers_go_out_in_the_order_of_the_frames_and_hold_up_nothing_else()
    {
        var outgoing = CaughtUp();
        var call = new TaskCompletionSource<Result<Accepted>>();
        var (first, second) = (new Answer(call.Task, null, null), new Answer(null, null, "error"u8.ToArray()));
        outgoing.Add(first);
        outgoing.Add(second);
        outgoing.Offer(Talk.Stored(1, 1));

        Assert.Equal(["message 1"], outgoing.Say());
        call.SetResult(new Accepted(1, false));

        Assert.Same(first, outgoing.Take(answersOnly: false).Reply);
        Assert.False(outgoing.HasAnsweredAll());
        Assert.Same(second, outgoing.Take(answersOnly: false).Reply);
        Assert.True(outgoing.HasAnsweredAll());
    }

    [Fact]
    public void Where_too_many_answers_are_outstanding_no_more_frames_are_read()
    {
        var outgoing = CaughtUp();
        for (var i = 0; i < Outgoing.MaxAnswers; i++)
        {
            Assert.False(outgoing.IsFullOfAnswers());
            outgoing.Add(new Answer(null, null, []));
        }

        Assert.True(outgoing.IsFullOfAnswers());
        outgoing.Take(answersOnly: false);
        Assert.False(outgoing.IsFullOfAnswers());
    }

    [Fact]
    public void A_connection_that_closes_gives_only_answers()
    {
        var outgoing = Connected(Progress.None);
        outgoing.Offer(Talk.Stored(1, 1));
        outgoing.Offer(new SessionEvent.SignalSent("ring"u8.ToArray()));
        outgoing.Offer(new SessionEvent.PresenceChanged(1, true));
        outgoing.Add(new Answer(null, null, "error"u8.ToArray()));

        Assert.Equal(["Answer"], outgoing.Say(answersOnly: true));
    }

    [Fact]
    public void A_client_may_acknowledge_what_it_was_given_and_what_waited_and_nothing_beyond()
    {
        var outgoing = Connected(Progress.None with { LastSeq = 2 });
        outgoing.Offer(Talk.Stored(3, 4));

        Assert.True(outgoing.TryAcknowledge(2, out _));
        Assert.False(outgoing.TryAcknowledge(3, out _));
        outgoing.Say();
        Assert.True(outgoing.TryAdd(Talk.Page(3, 4, 4), 2));
        Assert.False(outgoing.TryAcknowledge(4, out _));
    }

    [Fact]
    public void A_client_may_acknowledge_before_the_write_is_known_to_be_done()
    {
        var outgoing = CaughtUp();
        outgoing.Offer(Talk.Stored(1, 2));

        Assert.Equal(1, outgoing.Take(answersOnly: false).Seq);

        Assert.True(outgoing.TryAcknowledge(1, out _));
        Assert.False(outgoing.TryAcknowledge(2, out _));
    }

    [Fact]
    public void A_seq_that_the_store_gives_twice_is_noticed()
    {
        var outgoing = Connected(Progress.None with { LastId = 5, SentSeq = 5 });

        Assert.False(outgoing.TryConfirm(6, new Accepted(5, IsDuplicate: false)));
        Assert.True(outgoing.TryConfirm(6, new Accepted(6, IsDuplicate: false)));
        Assert.False(outgoing.TryConfirm(7, new Accepted(6, IsDuplicate: false)));
        Assert.True(outgoing.TryConfirm(3, new Accepted(3, IsDuplicate: true)));
        Assert.Equal(6, outgoing.LastId);
    }

    [Fact]
    public void What_was_seen_is_the_most_that_the_store_was_known_to_have_reached()
    {
        var outgoing = Connected(Progress.None with { LastSeq = 1, Acknowledged = 1, LastId = 2, SentSeq = 2, Delivered = 1, PeerEpoch = 1 });
        outgoing.Offer(Talk.Stored(3, 3));
        outgoing.Offer(new SessionEvent.Delivered(2));
        outgoing.Offer(new SessionEvent.PresenceChanged(4, true));
        outgoing.TryConfirm(3, new Accepted(3, IsDuplicate: false));

        var seen = outgoing.Seen();

        Assert.Equal((3, 3, 3, 2, 4), (seen.LastSeq, seen.LastId, seen.SentSeq, seen.Delivered, seen.PeerEpoch));
    }

    internal static Outgoing Connected(SessionProgress progress) => new(Talk.Attached(progress), plain: false, TimeProvider.System);

    /// <summary>A connection that has said presence and ready.</summary>
    internal static Outgoing CaughtUp(SessionProgress? progress = null)
    {
        var outgoing = Connected(progress ?? Progress.None);
        outgoing.Say();
        return outgoing;
    }

    private static string Ready(long seq, long lastId = 0, long delivered = 0) =>
        Encoding.UTF8.GetString(FrameWriter.Ready(Talk.Session.Id, seq, lastId, delivered));
}
