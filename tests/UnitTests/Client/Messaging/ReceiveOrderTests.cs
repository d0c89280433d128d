using CsCheck;
using Im.Client;
using Im.Client.Messaging;

namespace Im.UnitTests.Client.Messaging;

/// <summary>What the receiver makes of what the relay passes on, drops, repeats, moves or changes.</summary>
public sealed class ReceiveOrderTests
{
    private const string Session = "5f0c9a7e2b1d4c6f8a3e0b9d7c5a1e42";

    private readonly ReceiveOrder _order = Fresh();

    [Fact]
    public void Messages_in_order_are_messages() => Assert.Equal(["1", "2", "3"], Take((1, 1), (2, 2), (3, 3)));

    [Fact]
    public void What_comes_again_after_a_reconnect_is_dropped() => Assert.Equal(["1", "2", "3"], Take((1, 1), (2, 2), (1, 1), (2, 2), (3, 3)));

    [Fact]
    public void Missing_messages_are_reported_before_the_one_that_shows_it() => Assert.Equal(["1", "withheld 2-3", "4"], Take((1, 1), (2, 4)));

    [Fact]
    public void A_message_that_comes_under_a_new_seq_is_refused_as_repeated() => Assert.Equal(["1", "Repeated 1", "2"], Take((1, 1), (2, 1), (3, 2)));

    [Fact]
    public void A_message_that_comes_after_later_ones_is_refused_as_reordered_and_then_as_repeated() =>
        Assert.Equal(["withheld 1-3", "4", "Reordered 2", "Repeated 2", "Reordered 1", "Reordered 3", "5"], Take((1, 4), (2, 2), (3, 2), (4, 1), (5, 3), (6, 5)));

    [Fact]
    public void A_message_that_was_changed_is_refused_and_then_missing()
    {
        Assert.Equal([new RefusedMessage(1, RefusalReason.Tampered)], _order.Take(Frame(1, 1) with { Data = "changed" }));
        Assert.Equal(["withheld 1-1", "2"], Take((2, 2)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    [InlineData(9_007_199_254_740_992)]
    public void A_forged_id_moves_nothing(long? id)
    {
        Assert.Equal([new RefusedMessage(null, RefusalReason.Tampered)], _order.Take(Frame(1, 1) with { Id = id, Data = "forged" }));
        Assert.Equal(["1"], Take((2, 1)));
    }

    [Fact]
    public void What_claims_another_sender_recipient_or_session_is_refused_and_moves_nothing()
    {
        var frames = new[] { Frame(1, 1) with { FromUserId = 11 }, Frame(2, 1) with { ToUserId = 11 }, Frame(3, 1) with { Session = "another" } };

        Assert.Equal(Enumerable.Repeat(new RefusedMessage(null, RefusalReason.Tampered), 3), frames.SelectMany(_order.Take));
        Assert.Equal(["1"], Take((4, 1)));
    }

    [Fact]
    public void Messages_that_a_relay_drops_on_the_way_are_reported_as_withheld() => Assert.Equal(["1", "withheld 2-3", "4"], Take((1, 1), (4, 4)));

    [Fact]
    public void Gaps_are_remembered_up_to_a_hundred()
    {
        Take([.. Enumerable.Range(1, 101).Select(at => ((long)at, 2L * at))]);

        Assert.Equal(["Repeated 1", "Reordered 3"], Take((102, 1), (103, 3)));
    }

    /// <summary>Whatever the relay does with what was sent: each id is shown at most once, in rising order, and every other one below the highest was reported.</summary>
    [Fact]
    public void Whatever_comes_in_whatever_order_each_text_is_shown_once_and_rising_and_every_gap_is_reported() => Gen.Long[1, 20].Array[0, 60].Sample(ids =>
    {
        var order = Fresh();
        var items = ids.SelectMany((id, at) => order.Take(Frame(at + 1, id))).ToList();
        var shown = items.OfType<ReceivedMessage>().Select(message => message.Id).ToList();
        var withheld = items.OfType<WithheldMessages>().SelectMany(range => Enumerable.Range((int)range.FirstId, (int)(range.LastId - range.FirstId + 1)).Select(id => (long)id)).ToList();
        return shown.SequenceEqual(shown.Distinct().Order())
            && shown.Concat(withheld).Order().SequenceEqual(Enumerable.Range(1, (int)shown.LastOrDefault()).Select(id => (long)id));
    });

    private static ReceiveOrder Fresh() => new(Session, 9, 10, (data, id) => data == $"text {id}" ? data : null);

    private static ServerFrame Frame(long seq, long id) => new("msg", $"text {id}", 10, 9, Session, seq, 1, id, null, null, null, null, null, null, null);

    private string[] Take(params (long Seq, long Id)[] frames) => [.. frames.SelectMany(frame => _order.Take(Frame(frame.Seq, frame.Id))).Select(item => item switch
    {
        ReceivedMessage message => $"{message.Id}",
        WithheldMessages withheld => $"withheld {withheld.FirstId}-{withheld.LastId}",
        RefusedMessage refused => $"{refused.Reason} {refused.Id}",
        _ => "?",
    })];
}
