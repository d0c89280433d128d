using System.Text;
using Im.Client.Encryption;
using Im.Client.Messaging;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.Client.Messaging;

/// <summary>Typing: said rarely, forgotten soon, believed once.</summary>
public sealed class TypingTests : IDisposable
{
    private const string Session = "5f0c9a7e2b1d4c6f8a3e0b9d7c5a1e42";
    private readonly FakeTimeProvider _clock = new();
    private readonly SessionCipher _ann = SessionCipher.OfServerKey(new byte[32], Session, 9, 10);
    private readonly SessionCipher _bob = SessionCipher.OfServerKey(new byte[32], Session, 10, 9);
    private readonly List<bool> _seen = [];
    private readonly TypingSender _sender;
    private readonly PeerTyping _receiver;

    public TypingTests()
    {
        _sender = new TypingSender(_ann, _clock);
        _receiver = new PeerTyping(_bob, _clock, _seen.Add);
    }

    [Fact]
    public void While_this_side_types_it_says_so_every_three_seconds_and_once_that_it_stopped()
    {
        _sender.Opened();
        var said = 0;
        for (var keystroke = 0; keystroke < 70; keystroke++)
        {
            said += _sender.Set(true) ? 1 : 0;
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(3, said);
        Assert.True(_sender.Set(false));
        Assert.False(_sender.Set(false));
    }

    [Fact]
    public void Without_a_connection_nothing_is_said_nor_kept()
    {
        Assert.False(_sender.Set(true));
        _sender.Opened();
        Assert.True(_sender.Set(true));
        _sender.Closed();

        Assert.Null(_sender.Next());
    }

    [Fact]
    public void A_peer_who_is_not_heard_of_for_six_seconds_no_longer_types()
    {
        _receiver.Take(Signal(true));
        _clock.Advance(TimeSpan.FromSeconds(5.9));
        Assert.Equal([true], _seen);

        _clock.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal([true, false], _seen);
    }

    [Fact]
    public void A_signal_that_comes_again_or_after_a_later_one_is_dropped()
    {
        var (first, second) = (Signal(true), Signal(false));

        foreach (var signal in new[] { second, first, second })
        {
            _receiver.Take(signal);
        }

        Assert.Equal([false], _seen);
    }

    [Theory]
    [InlineData("""{"type":"dancing","typing":true}""")]
    [InlineData("""{"type":"typing"}""")]
    [InlineData("""{"type":"typing","typing":"yes"}""")]
    [InlineData("not JSON")]
    [InlineData("")]
    public void A_signal_of_another_kind_is_ignored(string text)
    {
        _receiver.Take(_ann.EncryptSignal(1, Encoding.UTF8.GetBytes(text)));
        _receiver.Take("no signal at all");

        Assert.Empty(_seen);
    }

    public void Dispose()
    {
        _receiver.Dispose();
        _ann.Dispose();
        _bob.Dispose();
    }

    private string Signal(bool typing)
    {
        _sender.Opened();
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.True(_sender.Set(typing));
        return System.Text.Json.JsonElement.Parse(_sender.Next()!).GetProperty("data").GetString()!;
    }
}
