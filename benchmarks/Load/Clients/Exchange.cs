using System.Text;
using Im.Load.Wire;

namespace Im.Load.Clients;

/// <summary>Key exchanges of many pairs over REST: the one side calls, then the other, on a node each. So many pairs at a time as there are lanes.</summary>
internal sealed class Exchange
{
    private const string Path = "/im/get_imKey";

    private readonly Func<Pair?> _next;

    /// <param name="senderPort">The node of the pairs' senders.</param>
    /// <param name="receiverPort">The node of the pairs' receivers.</param>
    /// <param name="lanes">Pairs at a time.</param>
    /// <param name="next">The next pair; null: there is none left.</param>
    internal Exchange(Loop loop, int senderPort, int receiverPort, int lanes, Func<Pair?> next)
    {
        _next = next;
        for (var i = 0; i < lanes; i++)
        {
            new Lane(this, new HttpLink(loop, senderPort), new HttpLink(loop, receiverPort)).Begin();
        }
    }

    /// <summary>Exchanges that both sides have completed.</summary>
    internal long Completed { get; private set; }

    private sealed class Lane(Exchange exchange, HttpLink sender, HttpLink receiver)
    {
        private Pair? _pair;

        internal void Begin()
        {
            _pair = exchange._next();
            if (_pair is not null)
            {
                sender.Post(Path, Tokens.Mint(_pair.SenderId), $"{{\"to_user_id\":{_pair.ReceiverId}}}", Continue);
                return;
            }

            sender.Abort();
            receiver.Abort();
        }

        private void Continue(int status, ReadOnlySpan<byte> body)
        {
            Check(status, body, isRead: 0);
            receiver.Post(Path, Tokens.Mint(_pair!.ReceiverId), $"{{\"to_user_id\":{_pair.SenderId}}}", Complete);
        }

        private void Complete(int status, ReadOnlySpan<byte> body)
        {
            Check(status, body, isRead: 1);
            exchange.Completed++;
            Begin();
        }

        private void Check(int status, ReadOnlySpan<byte> body, int isRead)
        {
            var session = status == 200 && Field.Number(body, "\"is_read\":"u8) == isRead ? Encoding.ASCII.GetString(Field.Text(body, "\"im_session\":\""u8)) : null;
            if (session is null || (isRead == 1 && session != _pair!.Session))
            {
                throw new LoadException($"A key exchange was answered with {status} {Encoding.UTF8.GetString(body)}.");
            }

            _pair!.Session = session;
        }
    }
}
