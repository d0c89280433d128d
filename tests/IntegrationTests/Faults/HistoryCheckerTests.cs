using Im.IntegrationTests.Harness;
using Microsoft.Extensions.Time.Testing;

namespace Im.IntegrationTests.Faults;

/// <summary>The checker rejects what it is there to reject; otherwise the tests with it would prove nothing.</summary>
public sealed class HistoryCheckerTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly History _ann;
    private readonly History _bob;

    public HistoryCheckerTests()
    {
        _ann = new History(_clock);
        _bob = new History(_clock);
        Connect(_ann, 1);
        Connect(_bob, 1);
        for (var id = 1; id <= 4; id++)
        {
            _ann.Add(1, Did.Sent, id, data: $"text {id}");
            _ann.Add(1, Did.Answered, id);
        }
    }

    [Fact]
    public void A_conversation_in_which_all_arrives_is_accepted()
    {
        Take(1, 2, 3, 4);
        _bob.Add(1, Did.Acknowledged, 4);
        _ann.Add(1, Did.Delivered, 4);
        _ann.Add(1, Did.Closed, 1006);
        Connect(_ann, 2, lastId: 4);
        _bob.Add(1, Did.Closed, 1001);
        Connect(_bob, 2, seen: 4);

        Assert.Empty(Faults());
    }

    [Fact]
    public void A_message_that_is_received_again_on_the_next_connection_and_dropped_is_accepted()
    {
        Take(1, 2, 3, 4);
        _bob.Add(1, Did.Closed, 1006);
        Connect(_bob, 2, seen: 3);
        Receive(2, 4);

        Assert.Empty(Faults());
    }

    [Fact]
    public void A_message_that_was_not_answered_need_not_arrive()
    {
        Take(1, 2, 3, 4);
        _ann.Add(1, Did.Sent, 5, data: "text 5");

        Assert.Empty(Faults());
    }

    [Fact]
    public void A_loss_at_the_end_is_rejected()
    {
        Take(1, 2, 3);

        Assert.Contains(Faults(), fault => fault.StartsWith("Lost: 4", StringComparison.Ordinal));
    }

    [Fact]
    public void A_loss_that_the_numbers_hide_is_rejected()
    {
        Take(1, 2);
        Receive(1, 3, id: 4, take: true);

        Assert.Contains(Faults(), fault => fault.StartsWith("Lost: 3", StringComparison.Ordinal));
    }

    [Fact]
    public void A_gap_is_rejected()
    {
        Take(1, 2, 4);

        Assert.Contains(Faults(), fault => fault.StartsWith("A gap: seq 4", StringComparison.Ordinal));
    }

    [Fact]
    public void A_double_under_one_seq_is_rejected()
    {
        Take(1, 2, 2, 3, 4);

        Assert.Contains(Faults(), fault => fault.StartsWith("Doubled or out of order: seq 2 came", StringComparison.Ordinal));
    }

    [Fact]
    public void A_double_under_two_seqs_is_rejected()
    {
        Take(1, 2, 3, 4);
        Receive(1, 5, id: 4, take: true);

        Assert.Contains("Doubled or out of order: seq 5 carries id 4.", Faults());
    }

    [Fact]
    public void A_reorder_is_rejected()
    {
        Take(1, 3, 2, 4);

        Assert.Contains("Doubled or out of order: seq 2 came after 3.", Faults());
    }

    [Fact]
    public void A_reorder_that_the_numbers_hide_is_rejected()
    {
        Take(1);
        Receive(1, 2, text: "text 3", take: true);
        Receive(1, 3, text: "text 2", take: true);
        Take(4);

        Assert.Equal(2, Faults().Count(fault => fault.StartsWith("Received with another text", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_message_that_nobody_sent_is_rejected()
    {
        Take(1, 2, 3, 4, 5);

        Assert.Contains("Received, though nobody had sent it: id 5.", Faults());
    }

    [Fact]
    public void A_gap_or_a_double_on_one_connection_is_rejected_even_if_the_client_dropped_it()
    {
        Take(1, 2, 3, 4);
        Receive(1, 4);

        Assert.Contains("On connection 1 seq 4 came where 5 was due.", Faults());
    }

    [Fact]
    public void Delivered_beyond_what_was_acknowledged_is_rejected()
    {
        Take(1, 2, 3, 4);
        _bob.Add(1, Did.Acknowledged, 3);
        _ann.Add(1, Did.Delivered, 4);
        _bob.Add(1, Did.Acknowledged, 4);

        Assert.Contains("Delivered up to 4, of which only 3 were acknowledged.", Faults());
    }

    [Fact]
    public void Two_live_connections_of_one_user_are_rejected()
    {
        Take(1, 2, 3, 4);
        Connect(_bob, 2, seen: 4);
        _clock.Advance(HistoryChecker.MaxOverlap + TimeSpan.FromMilliseconds(50));
        _bob.Add(1, Did.Closed, 4409);

        Assert.Contains(Faults(), fault => fault.StartsWith("Two live connections, 1 and 2", StringComparison.Ordinal));
    }

    [Fact]
    public void What_an_older_connection_stored_after_a_newer_one_was_ready_is_rejected()
    {
        Take(1, 2, 3, 4);
        Connect(_ann, 2, lastId: 4);
        _ann.Add(1, Did.Sent, 5, data: "text 5");
        _ann.Add(1, Did.Answered, 5);
        Take(5);

        Assert.Contains("Stored by connection 1 after 2 was ready with 4: 5.", Faults());
    }

    private static void Connect(History history, int connection, long seen = 0, long lastId = 0)
    {
        history.Add(connection, Did.Connecting, seen);
        history.Add(connection, Did.Ready, seen, lastId);
    }

    private void Take(params long[] seqs)
    {
        foreach (var seq in seqs)
        {
            Receive(1, seq, take: true);
        }
    }

    private void Receive(int connection, long seq, long? id = null, string? text = null, bool take = false)
    {
        _bob.Add(connection, Did.Received, seq, id ?? seq, text ?? $"text {id ?? seq}");
        if (take)
        {
            _bob.Add(connection, Did.Taken, seq, id ?? seq, text ?? $"text {id ?? seq}");
        }
    }

    private IReadOnlyList<string> Faults() => HistoryChecker.FaultsOf(_ann, _bob);
}
