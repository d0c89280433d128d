using System.Threading.Channels;

namespace Im.Cli.Chat;

/// <summary>The keys of the terminal. Reading one blocks and cannot be called off, so that it has a thread of its own.</summary>
internal static class Keyboard
{
    /// <summary>Keys that wait, at most: a pasted text comes as keys. Then the terminal waits.</summary>
    private const int MaxWaiting = 4096;

    /// <summary>Begins to read, until the process ends.</summary>
    public static ChannelReader<ConsoleKeyInfo> Listen()
    {
        var keys = Channel.CreateBounded<ConsoleKeyInfo>(MaxWaiting);
        new Thread(() => Read(keys.Writer)) { IsBackground = true, Name = "keyboard" }.Start();
        return keys.Reader;
    }

    private static void Read(ChannelWriter<ConsoleKeyInfo> keys)
    {
        try
        {
            while (true)
            {
                var key = Console.ReadKey(intercept: true);
                if (!keys.TryWrite(key))
                {
                    // This thread is the one place that may block.
                    keys.WriteAsync(key).AsTask().Wait();
                }
            }
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            // The terminal is gone.
            keys.TryComplete();
        }
    }
}
