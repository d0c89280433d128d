using System.Collections.Immutable;
using Im.Application.Messaging;
using Im.Domain;

namespace Im.IntegrationTests.Store;

/// <summary>
/// The delivery protocol without a store: each method is one script, as <c>docs/delivery.md</c> has it, in lists and counters.
/// Beside its answer a step says whose life it renewed and what it published.
/// </summary>
internal sealed class DeliveryModel(PairKey pair, MessagingOptions options)
{
    public ModelState State { get; set; } = new(null, null);

    public bool SessionRenewed { get; private set; }

    public bool HandshakeRenewed { get; private set; }

    /// <summary>What the step published, as <see cref="DeliveryStore.HeardAsync"/> spells it.</summary>
    public List<(UserId To, string Text)> Told { get; } = [];

    public void BeginStep()
    {
        (SessionRenewed, HandshakeRenewed) = (false, false);
        Told.Clear();
    }

    public ModelUser Of(UserId user) => State.Session!.Users[user];

    public Result<(Handshake Handshake, bool Opened)> Exchange(UserId caller, Handshake proposal, bool mayOpen)
    {
        var (session, handshake) = State;
        if (handshake is { IsCompleted: true } && session?.Id != handshake.Session)
        {
            State = State with { Handshake = handshake = null };
        }

        if (handshake is null)
        {
            if (!mayOpen)
            {
                return Errors.RateLimited(TimeSpan.FromMinutes(1));
            }

            (State, HandshakeRenewed) = (State with { Handshake = proposal }, true);
            Tell(pair.PeerOf(caller), $"h {session?.Id.Hex ?? "-"}");
            return (proposal, true);
        }

        var called = handshake.CalledBy(caller, proposal.PublicKeyOf(caller));
        if (!called.IsOk)
        {
            return called.Error;
        }

        State = State with { Handshake = called.Value };
        if (called.Value.IsCompleted && !handshake.IsCompleted)
        {
            var users = ImmutableDictionary<UserId, ModelUser>.Empty.Add(pair.Lower, new([])).Add(pair.Higher, new([]));
            State = State with { Session = new ModelSession(handshake.Session, users) };
            (SessionRenewed, HandshakeRenewed) = (true, true);
            if (session is not null)
            {
                TellBoth($"e {session.Id.Hex} 0");
            }

            Tell(pair.PeerOf(caller), "c -");
        }

        return (called.Value, false);
    }

    public Result<Done> End(SessionId? only, bool lost = false)
    {
        var (session, handshake) = State;
        if (handshake is not null && (only is null || only == handshake.Session))
        {
            State = State with { Handshake = null };
            TellBoth("c -");
        }

        if (session is not null && (only is null || only == session.Id))
        {
            State = State with { Session = null };
            TellBoth($"e {session.Id.Hex} {(lost ? 1 : 0)}");
        }

        return default(Done);
    }

    public Result<(SessionId Id, long Epoch)> Find(UserId user) =>
        State.Session is null ? Errors.NoSession : (State.Session.Id, Of(user).Epoch);

    /// <param name="id">The session that was found.</param>
    /// <param name="found">The epoch that was found.</param>
    /// <param name="user">Who connects.</param>
    /// <param name="seen">The highest seq the client has.</param>
    /// <param name="claimed">The epoch that the store gave: it is the clock's, and the model only holds that it rises.</param>
    public Result<Attached> Attach(SessionId id, long found, UserId user, long seen, long claimed)
    {
        if (State.Session?.Id != id)
        {
            return Errors.NoSession;
        }

        var own = Of(user);
        if (own.Epoch != found)
        {
            return Errors.ConnectionRaced;
        }

        if (seen > own.Seq)
        {
            return Errors.AcknowledgedBeyond;
        }

        if (!TryTrim(user, seen))
        {
            End(id, lost: true);
            return Errors.NoSession;
        }

        var attachment = Attachment.Of(new Session(pair, id), user, Math.Max(found + 1, claimed));
        Set(user, Of(user) with { Epoch = attachment.Epoch, Online = true });
        SessionRenewed = true;
        if (Of(attachment.Peer).Epoch > 0 && State.Handshake?.Session == id)
        {
            State = State with { Handshake = null };
        }

        Tell(user, $"t {id.Hex} {attachment.Epoch}");
        Tell(attachment.Peer, $"p {id.Hex} {attachment.Epoch} 1");
        return new Attached(attachment, Progress(attachment));
    }

    public Result<SessionProgress> Touch(Attachment connection) => Fenced<SessionProgress>(connection, own =>
    {
        SessionRenewed |= own.Online;
        return own.Online ? Progress(connection) : Errors.TakenOver;
    });

    public Result<Done> Detach(Attachment connection) => Fenced<Done>(connection, own =>
    {
        Set(connection.User, own with { Online = false });
        SessionRenewed = true;
        Tell(connection.Peer, $"p {connection.Session.Id.Hex} {connection.Epoch} 0");
        return default(Done);
    });

    public Result<Accepted> Send(Attachment sender, long? id, string body) => Fenced<Accepted>(sender, own =>
    {
        var to = Of(sender.Peer);
        return (id is null ? own.LastId > 0 : own.LastId == 0 && to.Seq > 0) ? Errors.MixedIds
            : id <= own.LastId ? new Accepted(id.Value, IsDuplicate: true)
            : id > own.LastId + 1 ? Errors.IdGap(own.LastId + 1)
            : to.Seq - to.Acknowledged >= options.MaxQueuedMessages || to.Bytes + body.Length > options.MaxQueuedBytes ? Errors.QueueFull
            : to.IsDamaged ? Lost(sender)
            : Append(sender, id, body);
    });

    public Result<Done> Acknowledge(Attachment connection, long seq) => Fenced<Done>(connection, own =>
        seq > own.Seq ? Errors.AcknowledgedBeyond
        : TryTrim(connection.User, seq) ? default(Done)
        : Lost(connection));

    /// <summary>First seq, bodies with bars between them, last seq given. No queue of the model is longer than a page.</summary>
    public Result<(long First, string Bodies, long Last)> Read(Attachment connection, long from) => Fenced<(long, string, long)>(connection, own =>
    {
        var first = Math.Max(from, own.Acknowledged + 1);
        return own.IsDamaged ? Lost(connection) : (first, string.Join('|', own.Queue.Skip((int)(first - own.Acknowledged - 1))), own.Seq);
    });

    public Result<Done> Signal(Attachment connection, string body) => Fenced<Done>(connection, _ =>
    {
        if (Of(connection.Peer).Online)
        {
            Tell(connection.Peer, $"s {connection.Session.Id.Hex} {body}");
        }

        return default(Done);
    });

    public void Set(UserId user, ModelUser value) =>
        State = State with { Session = State.Session! with { Users = State.Session.Users.SetItem(user, value) } };

    /// <summary>The step, given what the store keeps for the connection's user; or why the connection may do nothing.</summary>
    private Result<T> Fenced<T>(Attachment connection, Func<ModelUser, Result<T>> step) =>
        State.Session is null ? Errors.SessionLost
        : State.Session.Id != connection.Session.Id ? Errors.SessionEnded
        : Of(connection.User).Epoch > connection.Epoch ? Errors.TakenOver
        : Of(connection.User).Epoch < connection.Epoch ? Lost(connection)
        : step(Of(connection.User));

    private Accepted Append(Attachment sender, long? id, string body)
    {
        var to = Of(sender.Peer);
        Set(sender.User, Of(sender.User) with { LastId = id ?? 0 });
        Set(sender.Peer, to with { Queue = to.Queue.Add(body), Seq = to.Seq + 1, Bytes = to.Bytes + body.Length });
        SessionRenewed = true;
        Tell(sender.Peer, $"m {sender.Session.Id.Hex} {to.Seq + 1} {body}");
        return new Accepted(to.Seq + 1, IsDuplicate: false);
    }

    private Error Lost(Attachment connection)
    {
        End(connection.Session.Id, lost: true);
        return Errors.SessionLost;
    }

    private bool TryTrim(UserId user, long seq)
    {
        var own = Of(user);
        var count = (int)(seq - own.Acknowledged);
        if (count <= 0)
        {
            return true;
        }

        if (own.Queue.Count < count)
        {
            return false;
        }

        var removed = own.Queue.Take(count).Sum(body => body.Length);
        Set(user, own with { Queue = own.Queue.RemoveRange(0, count), Acknowledged = seq, Bytes = own.Bytes - removed });
        Tell(pair.PeerOf(user), $"d {State.Session!.Id.Hex} {seq}");
        return true;
    }

    private SessionProgress Progress(Attachment connection)
    {
        var (own, peer) = (Of(connection.User), Of(connection.Peer));
        return new SessionProgress
        {
            LastSeq = own.Seq,
            Acknowledged = own.Acknowledged,
            LastId = own.LastId,
            SentSeq = peer.Seq,
            Delivered = peer.Acknowledged,
            PeerEpoch = peer.Epoch,
            PeerOnline = peer.Online,
            PeerHandshake = State.Handshake is { IsCompleted: false } open && open.OpenedBy == connection.Peer ? open.Session : null,
        };
    }

    private void Tell(UserId to, string text) => Told.Add((to, text));

    private void TellBoth(string text)
    {
        Tell(pair.Lower, text);
        Tell(pair.Higher, text);
    }
}
