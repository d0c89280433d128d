using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Im.Client.Messaging;

/// <summary>Received items until the caller takes them. Bounded: whoever adds waits for room.</summary>
internal sealed class ReceiveQueue(int limit, Acknowledgements acknowledgements)
{
    private readonly Channel<(long Seq, ReceivedItem Item)> _items = Channel.CreateBounded<(long, ReceivedItem)>(new BoundedChannelOptions(limit) { SingleWriter = true });
    private int _isRead;

    /// <param name="seq">What is acknowledged once the caller is done with the item.</param>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Cancelled only when nobody will take anything any more: an item that is not added is lost.</param>
    public ValueTask AddAsync(long seq, ReceivedItem item, CancellationToken cancellationToken) => _items.Writer.WriteAsync((seq, item), cancellationToken);

    /// <summary>Nothing more comes, for this reason; null: the caller knows.</summary>
    public void Complete(ImException? error) => _items.Writer.TryComplete(error);

    public async IAsyncEnumerable<ReceivedItem> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isRead, 1) == 1)
        {
            throw new InvalidOperationException("The conversation is being received by another call.");
        }

        try
        {
            while (await _items.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (!cancellationToken.IsCancellationRequested && _items.Reader.TryRead(out var next))
                {
                    try
                    {
                        yield return next.Item;
                    }
                    finally
                    {
                        acknowledgements.Take(next.Seq);
                    }
                }
            }
        }
        finally
        {
            Volatile.Write(ref _isRead, 0);
        }
    }
}
