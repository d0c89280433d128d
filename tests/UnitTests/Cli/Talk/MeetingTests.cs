using Im.Cli.Output;
using Im.Cli.Talk;
using Im.Client;

namespace Im.UnitTests.Cli.Talk;

/// <summary>What somebody reads who waits for the peer.</summary>
public sealed class MeetingTests
{
    private static readonly TimeSpan Left = new(0, 4, 7);
    private static readonly Meeting Meeting = new(10, KeyMode.PublicKeys, TimeSpan.FromMinutes(5));

    [Fact]
    public void It_counts_down_calmly_while_the_server_knows() =>
        Assert.Equal("Waiting for user 10, 4:07 left (Ctrl+C gives up)", Meeting.Sentence(Left, new RendezvousProgress(RendezvousStep.WaitingForPeer)));

    [Theory]
    [InlineData(ImErrorKind.ServerUnavailable, "The server does not answer; trying again")]
    [InlineData(ImErrorKind.RateLimited, "The server asks to wait; trying again")]
    public void It_says_that_the_server_does_not_answer_and_how_long_it_goes_on(ImErrorKind kind, string said)
    {
        var progress = new RendezvousProgress(RendezvousStep.Retrying, new ImException(kind, "Why."), TimeSpan.FromSeconds(3));

        Assert.Equal($"{said}, 4:07 left (Ctrl+C gives up)", Meeting.Sentence(Left, progress));
        Assert.Equal($"{said}, at most 247 s more.", new WaitingReport(10, Left, progress).Sentence);
    }
}
