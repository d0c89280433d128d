using Im.Cli.Chat;
using Im.Client;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.Cli.Chat;

public sealed class BannerTests
{
    private static readonly ImException Away = new(ImErrorKind.ServerUnavailable, "The server does not answer.\e[2J");

    private readonly FakeTimeProvider _time = new();
    private readonly ChatState _state;

    public BannerTests() => _state = new ChatState(10, _time) { Connection = new(ConversationStatus.Connected) };

    [Fact]
    public void There_is_none_while_all_is_well() => Assert.Null(Banner.Of(_state));

    [Fact]
    public void It_counts_down_to_the_next_try_and_says_why()
    {
        _state.Connection = new(ConversationStatus.Reconnecting, Away, _time.GetUtcNow().AddSeconds(7));
        Assert.Equal("Reconnecting, next try in 7 s (Enter: now): The server does not answer.␛[2J", Banner.Of(_state));

        _time.Advance(TimeSpan.FromSeconds(6.5));
        Assert.StartsWith("Reconnecting, next try in 1 s (Enter: now): ", Banner.Of(_state), StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith("Reconnecting, trying now: ", Banner.Of(_state), StringComparison.Ordinal);
    }

    [Fact]
    public void It_offers_no_haste_where_the_server_asked_to_wait()
    {
        _state.Connection = new(ConversationStatus.Reconnecting, new ImException(ImErrorKind.RateLimited, "Too many calls."), _time.GetUtcNow().AddSeconds(7));

        Assert.Equal("Reconnecting, next try in 7 s: Too many calls.", Banner.Of(_state));
    }

    [Fact]
    public void It_says_that_sending_waits()
    {
        _state.Paused = new SendingPaused(new ImException(ImErrorKind.QueueFull, "The queue is full."), _time.GetUtcNow().AddSeconds(2));

        Assert.Equal("Sending waits, next try in 2 s (Enter: now): The queue is full.", Banner.Of(_state));
    }

    [Fact]
    public void It_offers_new_keys_to_a_peer_that_wants_them()
    {
        _state.WantsNewKeys = true;

        Assert.Matches("wants new ones: /new", Banner.Of(_state));
    }

    [Fact]
    public void It_says_why_a_conversation_is_over_and_what_one_can_do()
    {
        _state.Connection = new(ConversationStatus.Ended, new ImException(ImErrorKind.SessionEnded, "The peer ended it."));

        Assert.Equal("Over (/new, /quit): The peer ended it.", Banner.Of(_state));
    }

    [Fact]
    public void A_running_exchange_comes_before_all_else()
    {
        (_state.WantsNewKeys, _state.Meeting) = (true, () => "Waiting");

        Assert.Equal("Waiting", Banner.Of(_state));
    }
}
