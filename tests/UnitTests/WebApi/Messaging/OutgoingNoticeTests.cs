using System.Globalization;
using Im.Application.Messaging;
using Im.Domain;
using Im.UnitTests.Application.Messaging;
using Im.WebApi.Messaging;

namespace Im.UnitTests.WebApi.Messaging;

/// <summary>Presence, <c>delivered</c>, <c>handshake</c> and signals: what a connection hears of its peer besides messages.</summary>
public sealed class OutgoingNoticeTests
{
    private const string Online = """{"type":"presence","user_id":10,"online":true}""";
    private const string Offline = """{"type":"presence","user_id":10,"online":false}""";
    private const string Handshake = """{"type":"handshake","user_id":10}""";

    [Fact]
    public void The_peers_coming_and_going_is_told_once_each()
    {
        var outgoing = OutgoingTests.CaughtUp();

        outgoing.Offer(new SessionEvent.PresenceChanged(1, true));
        outgoing.Offer(new SessionEvent.PresenceChanged(1, true));
        Assert.Equal([Online], outgoing.Say());
        outgoing.Offer(new SessionEvent.PresenceChanged(1, false));
        outgoing.Offer(new SessionEvent.PresenceChanged(1, false));
        Assert.Equal([Offline], outgoing.Say());
    }

    [Fact]
    public void An_older_connections_goodbye_says_nothing_about_the_newer_one()
    {
        var outgoing = OutgoingTests.CaughtUp(Progress.None with { PeerEpoch = 2, PeerOnline = true });

        outgoing.Offer(new SessionEvent.PresenceChanged(1, false));

        Assert.Empty(outgoing.Say());
    }

    [Fact]
    public void A_welcome_that_comes_after_its_own_goodbye_is_late()
    {
        var outgoing = OutgoingTests.CaughtUp();

        outgoing.Offer(new SessionEvent.PresenceChanged(1, false));
        outgoing.Offer(new SessionEvent.PresenceChanged(1, true));

        Assert.Empty(outgoing.Say());
    }

    [Fact]
    public void A_take_over_of_the_peer_is_no_change()
    {
        var outgoing = OutgoingTests.CaughtUp(Progress.None with { PeerEpoch = 1, PeerOnline = true });

        outgoing.Offer(new SessionEvent.PresenceChanged(2, true));

        Assert.Empty(outgoing.Say());
    }

    [Fact]
    public void The_sweep_tells_of_a_peer_whose_node_was_killed_but_never_of_an_older_connection()
    {
        var outgoing = OutgoingTests.CaughtUp(Progress.None with { PeerEpoch = 2, PeerOnline = true });

        outgoing.Learn(Progress.None with { PeerEpoch = 1, PeerOnline = false });
        Assert.Empty(outgoing.Say());
        outgoing.Learn(Progress.None with { PeerEpoch = 2, PeerOnline = false });
        Assert.Equal([Offline], outgoing.Say());
    }

    [Fact]
    public void A_goodbye_that_overtook_the_sweeps_answer_is_final()
    {
        var outgoing = OutgoingTests.CaughtUp(Progress.None with { PeerEpoch = 2, PeerOnline = true });

        outgoing.Offer(new SessionEvent.PresenceChanged(2, false));
        Assert.Equal([Offline], outgoing.Say());
        outgoing.Learn(Progress.None with { PeerEpoch = 2, PeerOnline = true });
        Assert.Empty(outgoing.Say());
        outgoing.Learn(Progress.None with { PeerEpoch = 3, PeerOnline = true });
        Assert.Equal([Online], outgoing.Say());
    }

    [Fact]
    public void A_slow_reader_gets_the_latest_presence_and_the_latest_delivered_only()
    {
        var outgoing = OutgoingTests.CaughtUp(Progress.None with { SentSeq = 9 });
        for (var i = 1; i <= 9; i++)
        {
            outgoing.Offer(new SessionEvent.PresenceChanged(i, i % 2 == 1));
            outgoing.Offer(new SessionEvent.Delivered(i));
        }

        Assert.Equal([Online, Delivered(9)], outgoing.Say());
    }

    [Fact]
    public void Delivered_never_goes_back()
    {
        var outgoing = OutgoingTests.CaughtUp(Progress.None with { SentSeq = 9, Delivered = 4 });

        outgoing.Offer(new SessionEvent.Delivered(3));
        Assert.Empty(outgoing.Say());
        outgoing.Learn(Progress.None with { SentSeq = 9, Delivered = 6 });
        outgoing.Offer(new SessionEvent.Delivered(5));
        Assert.Equal([Delivered(6)], outgoing.Say());
    }

    [Fact]
    public void Delivered_waits_for_the_senders_own_sent()
    {
        var outgoing = OutgoingTests.CaughtUp();
        outgoing.Offer(new SessionEvent.Delivered(2));
        Assert.Empty(outgoing.Say());

        outgoing.TryConfirm(1, new Accepted(1, IsDuplicate: false));
        Assert.Equal([Delivered(1)], outgoing.Say());
        outgoing.TryConfirm(2, new Accepted(2, IsDuplicate: false));
        Assert.Equal([Delivered(2)], outgoing.Say());
    }

    [Fact]
    public void Delivered_waits_for_the_senders_own_sent_even_where_the_sweep_knows_of_the_message()
    {
        var outgoing = OutgoingTests.CaughtUp();
        var call = new TaskCompletionSource<Result<Accepted>>();
        outgoing.Add(new Answer(call.Task, 1, null));

        outgoing.Learn(Progress.None with { LastId = 1, SentSeq = 1, Delivered = 1 });
        Assert.Empty(outgoing.Say());

        call.SetResult(new Accepted(1, IsDuplicate: false));
        Assert.Equal(OutgoingItem.Kind.Answer, outgoing.Take(answersOnly: false).Type);
        outgoing.TryConfirm(1, new Accepted(1, IsDuplicate: false));
        Assert.Equal([Delivered(1)], outgoing.Say());
    }

    [Fact]
    public void A_message_whose_answer_was_lost_is_told_to_be_delivered_all_the_same()
    {
        var outgoing = OutgoingTests.CaughtUp();

        outgoing.Learn(Progress.None with { SentSeq = 1, Delivered = 1 });

        Assert.Equal([Delivered(1)], outgoing.Say());
    }

    [Fact]
    public void A_handshake_of_the_peers_is_told_once()
    {
        var handshake = SessionId.Generate();
        var outgoing = OutgoingTests.Connected(Progress.None with { PeerHandshake = handshake });
        Assert.Contains(Handshake, outgoing.Say());

        outgoing.Learn(Progress.None with { PeerHandshake = handshake });
        Assert.Empty(outgoing.Say());
        outgoing.Learn(Progress.None);
        Assert.Empty(outgoing.Say());
        outgoing.Learn(Progress.None with { PeerHandshake = SessionId.Generate() });
        Assert.Equal([Handshake], outgoing.Say());
    }

    [Fact]
    public void Of_too_many_signals_the_oldest_drop()
    {
        var outgoing = OutgoingTests.CaughtUp();
        for (var i = 0; i < Outgoing.MaxSignals + 2; i++)
        {
            outgoing.Offer(new SessionEvent.SignalSent(System.Text.Encoding.UTF8.GetBytes(i.ToString(CultureInfo.InvariantCulture))));
        }

        Assert.Equal(Enumerable.Range(2, Outgoing.MaxSignals).Select(i => $"{i}"), outgoing.Say());
    }

    private static string Delivered(long seq) => $$"""{"type":"delivered","seq":{{seq}}}""";
}
