using System.Runtime.CompilerServices;

namespace Im.Infrastructure.Redis.Transport;

/// <summary>
/// Where what waited for a reply goes on: on the thread that read the reply, as soon as everything that came with it is read.
/// Elsewhere it is the thread pool. More than a few at once are shared with the pool: then there is work for every core.
/// </summary>
internal sealed class ReplyContext : SynchronizationContext
{
    /// <summary>How many go on on the reading thread, and on each further thread.</summary>
    private const int Share = 16;

    private static readonly ReplyContext s_instance = new();

    [ThreadStatic]
    private static List<(SendOrPostCallback Then, object? State)>? s_due;

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        if (s_due is null)
        {
            base.Post(d, state);
        }
        else
        {
            s_due.Add((d, state));
        }
    }

    /// <summary>Lets go on what waited for the replies read on this thread, and from the first call on keeps what comes.</summary>
    public static void Run()
    {
        var due = s_due ??= [];
        while (due.Count > Share)
        {
            var shared = due.GetRange(due.Count - Share, Share);
            due.RemoveRange(due.Count - Share, Share);
            ThreadPool.UnsafeQueueUserWorkItem(static shared => shared.ForEach(one => one.Then(one.State)), shared, preferLocal: false);
        }

        var ran = 0;
        try
        {
            while (ran < due.Count)
            {
                var (then, state) = due[ran++];
                then(state);
            }
        }
        finally
        {
            // Whatever happens, nothing goes on twice.
            due.RemoveRange(0, ran);
        }
    }

    /// <summary>This thread reads no more: what is left goes on elsewhere.</summary>
    public static void End()
    {
        var due = s_due ?? [];
        s_due = null;
        due.ForEach(one => s_instance.Post(one.Then, one.State));
    }

    /// <summary>Waits for a reply.</summary>
    public static Awaitable<T> WaitFor<T>(Task<T> reply) => new(reply);

    /// <summary>Awaits a task and goes on as its context says.</summary>
    public readonly struct Awaitable<T>(Task<T> reply) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => reply.IsCompleted;

        public Awaitable<T> GetAwaiter() => this;

        public T GetResult() => reply.GetAwaiter().GetResult();

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            var present = Current;
            SetSynchronizationContext(s_instance);
            try
            {
                reply.GetAwaiter().UnsafeOnCompleted(continuation);
            }
            finally
            {
                SetSynchronizationContext(present);
            }
        }
    }
}
