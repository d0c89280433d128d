using System.Collections.Concurrent;
using Im.Client;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Client;

/// <summary>How two .NET clients meet, or do not.</summary>
public sealed class RendezvousTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_side_waits_for_the_other_and_is_told_of_it()
    {
        await using var ann = People.At(nodes.One.BaseAddress, _pair.Ann);
        await using var bob = People.At(nodes.Other.BaseAddress, _pair.Bob);
        var steps = new Steps();
        var meeting = ann.RendezvousAsync(_pair.Bob, new RendezvousOptions { Progress = steps }, Cancelled);
        await Eventually.HoldsAsync("Ann waits", () => steps.Seen.Contains(RendezvousStep.WaitingForPeer));

        await bob.RendezvousAsync(_pair.Ann, cancellationToken: Cancelled);
        await meeting.WaitAsync(Eventually.Deadline, Cancelled);

        // A store that was busy for a moment does not count.
        Assert.Equal([RendezvousStep.Asking, RendezvousStep.WaitingForPeer, RendezvousStep.Completed], steps.Seen.Where(step => step is not RendezvousStep.Retrying).Distinct());
    }

    [Fact]
    public async Task A_peer_who_never_comes_is_absent_when_the_patience_is_over()
    {
        await using var ann = People.At(nodes.One.BaseAddress, _pair.Ann);

        await People.RunsOutAsync(ImErrorKind.PeerAbsent, patience => ann.RendezvousAsync(_pair.Bob, new RendezvousOptions { Patience = patience }, Cancelled));
    }

    [Fact]
    public async Task A_cancelled_rendezvous_ends_at_once()
    {
        await using var ann = People.At(nodes.One.BaseAddress, _pair.Ann);
        using var cancelling = new CancellationTokenSource();
        var steps = new Steps();
        var meeting = ann.RendezvousAsync(_pair.Bob, new RendezvousOptions { Progress = steps }, cancelling.Token);
        await Eventually.HoldsAsync("Ann waits", () => steps.Seen.Contains(RendezvousStep.WaitingForPeer));

        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => meeting.WaitAsync(Eventually.Deadline, Cancelled));
    }

    [Theory]
    [InlineData(KeyMode.PublicKeys, KeyMode.ServerKey)]
    [InlineData(KeyMode.ServerKey, KeyMode.PublicKeys)]
    public async Task Two_key_modes_do_not_meet_and_neither_side_gives_in(KeyMode first, KeyMode second)
    {
        await using var ann = People.At(nodes.One.BaseAddress, _pair.Ann);
        await using var bob = People.At(nodes.Other.BaseAddress, _pair.Bob);
        await People.RunsOutAsync(ImErrorKind.PeerAbsent, async patience =>
        {
            var steps = new Steps();
            var meeting = ann.RendezvousAsync(_pair.Bob, new RendezvousOptions { KeyMode = first, Patience = patience, Progress = steps }, Cancelled);
            await Eventually.HoldsAsync("Ann waits, or has given up", () => steps.Seen.Contains(RendezvousStep.WaitingForPeer) || meeting.IsCompleted);
            if (steps.Seen.Contains(RendezvousStep.WaitingForPeer))
            {
                await People.FailsAsync(ImErrorKind.KeyModeMismatch, () => bob.RendezvousAsync(_pair.Ann, new RendezvousOptions { KeyMode = second }, Cancelled));
            }

            await meeting;
        });
    }

    [Fact]
    public async Task A_server_that_is_away_is_asked_again_until_the_patience_is_over()
    {
        await using var ann = People.At(new Uri($"http://127.0.0.1:{FreePort.Find()}"), _pair.Ann);
        var steps = new Steps();

        await People.RunsOutAsync(
            ImErrorKind.ServerUnavailable,
            patience => ann.RendezvousAsync(_pair.Bob, new RendezvousOptions { Patience = patience, Progress = steps }, Cancelled),
            isInTime: () => steps.Seen.Contains(RendezvousStep.Retrying));
    }

    [Fact]
    public async Task A_client_that_ends_what_there_is_with_a_peer_ends_an_open_handshake_too()
    {
        await using var ann = People.At(nodes.One.BaseAddress, _pair.Ann);
        await BusyStore.RepeatAsync(() => nodes.One.Rest.ExchangeAsync(_pair.Ann, _pair.Bob));

        await People.SurelyAsync(() => ann.EndAsync(_pair.Bob, Cancelled));

        var first = await BusyStore.RepeatAsync(() => nodes.Other.Rest.ExchangeAsync(_pair.Bob, _pair.Ann));
        Assert.Equal((0, _pair.Bob), (first.Number("is_read"), first.Number("from_user_id")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(9_007_199_254_740_992)]
    public async Task Nobody_meets_who_is_no_user(long peer)
    {
        await using var ann = People.At(nodes.One.BaseAddress, _pair.Ann);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ann.RendezvousAsync(peer, cancellationToken: Cancelled));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ann.RendezvousAsync(_pair.Ann, cancellationToken: Cancelled));
    }

    private sealed class Steps : IProgress<RendezvousProgress>
    {
        public ConcurrentQueue<RendezvousStep> Seen { get; } = new();

        public void Report(RendezvousProgress value) => Seen.Enqueue(value.Step);
    }
}
