using Im.Client.Connecting;
using Im.Client.KeyExchange;

namespace Im.Client.Messaging;

/// <summary>What a conversation consists of, whichever connection it has.</summary>
internal sealed class Parts : IDisposable
{
    private readonly Agreement _agreement;

    public Parts(Agreement agreement, long self, long peer, ImClientOptions options, Action<ConversationEvent> raise)
    {
        _agreement = agreement;
        var clock = options.TimeProvider;
        (Self, Peer, Session, Options) = (self, peer, agreement.Session, options);
        Observed = new Observed(raise);
        Acknowledgements = new Acknowledgements(clock, Wake);
        Received = new ReceiveQueue(options.ReceiveLimit, Acknowledgements);
        Order = new ReceiveOrder(Session, self, peer, agreement.Cipher.Decrypt);
        Outbox = new Outbox((text, id) => agreement.Cipher.Encrypt(text, id), options.OutboxLimit, options.UnansweredLimit, new SendPause(clock, Wake));
        Typing = new TypingSender(agreement.Cipher, clock);
        PeerTyping = new PeerTyping(agreement.Cipher, clock, Observed.SetPeerTyping);
        Renewal = new TokenRenewal(Wake);
        Retry = new RetryWait(clock);
    }

    public long Self { get; }

    public long Peer { get; }

    public string Session { get; }

    public ImClientOptions Options { get; }

    public Wake Wake { get; } = new();

    public Observed Observed { get; }

    public Acknowledgements Acknowledgements { get; }

    public ReceiveQueue Received { get; }

    public ReceiveOrder Order { get; }

    public Outbox Outbox { get; }

    public TypingSender Typing { get; }

    public PeerTyping PeerTyping { get; }

    public TokenRenewal Renewal { get; }

    public RetryWait Retry { get; }

    /// <summary>The next frame for the wire, the most pressing first; null where there is none now.</summary>
    public byte[]? NextFrame() => Renewal.Next() ?? Acknowledgements.Next() ?? Outbox.Next() ?? Typing.Next();

    /// <summary>A connection is gone.</summary>
    public void Disconnected()
    {
        Outbox.Closed();
        Typing.Closed();
        PeerTyping.Forget();
    }

    /// <summary>The conversation is over; nothing of it runs any more.</summary>
    /// <param name="error">Why; null: this side ended it.</param>
    public void End(ImException? error)
    {
        Outbox.End(error);
        Received.Complete(error);
        Observed.SetState(new ConversationState(ConversationStatus.Ended, error));
    }

    public void Dispose()
    {
        Acknowledgements.Dispose();
        Outbox.Dispose();
        PeerTyping.Dispose();
        _agreement.Cipher.Dispose();
    }
}
