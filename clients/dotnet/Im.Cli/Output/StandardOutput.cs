using Microsoft.Win32.SafeHandles;

namespace Im.Cli.Output;

/// <summary>The output as bytes.</summary>
internal static class StandardOutput
{
    /// <summary>
    /// Opens it. The console's own stream takes a pipe that nobody reads for one that took everything, and messages would be
    /// acknowledged that went nowhere; a file stream says so. For a file that is shared with other programs only the console's
    /// stream writes where they left off.
    /// </summary>
    public static Stream Open()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return Console.OpenStandardOutput();
        }

        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }
}
