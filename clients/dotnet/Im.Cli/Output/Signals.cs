using System.Runtime.InteropServices;

namespace Im.Cli.Output;

/// <summary>Ends the tool in order when it is told to: the first signal cancels, a second one ends it at once.</summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _told = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private ExitCode? _code;

    public Signals()
    {
        Listen(PosixSignal.SIGINT, ExitCode.Interrupted);
        Listen(PosixSignal.SIGTERM, ExitCode.Terminated);
        Listen(PosixSignal.SIGHUP, ExitCode.HungUp);
    }

    public CancellationToken Token => _told.Token;

    /// <summary>What the tool ends with; null while nothing came.</summary>
    public ExitCode? Code => _code;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _told.Dispose();
    }

    private void Listen(PosixSignal signal, ExitCode code) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        if (_code is null)
        {
            _code = code;
            context.Cancel = true;
            _told.Cancel();
        }
    }));
}
