using System.Runtime.InteropServices;
using Im.Load;
using Im.Load.Report;
using Im.Load.Scenarios;
using Im.Load.Servers;

var scenarios = args switch
{
    ["all", ..] => Scenario.All,
    ["check", ..] => [],
    [var name, ..] => Scenario.All.Where(scenario => scenario.Name == name).ToArray(),
    _ => null,
};
if (scenarios is null || (scenarios.Count == 0 && args[0] != "check"))
{
    Console.Error.WriteLine($"The first word is one of: all, check, {string.Join(", ", Scenario.All.Select(scenario => scenario.Name))}.");
    return 1;
}

// However this ends, no server and no folder outlives it.
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopAll);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopAll);
try
{
    if (args[0] == "check")
    {
        SelfCheck.Run();
        Console.WriteLine("Framing, histogram and the check of order do what they say.");
        return 0;
    }

    var options = Options.Parse(args.Skip(1));
    Descriptors.Raise();
    using var published = new Published(options.Node);
    Machine.Print(args);
    var succeeded = true;
    foreach (var scenario in scenarios)
    {
        succeeded &= new Runner(options, published).Run(scenario);
    }

    return succeeded ? 0 : 1;
}
catch (LoadException failure)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}
finally
{
    Children.StopAll();
}

static void StopAll(PosixSignalContext context)
{
    context.Cancel = true;
    Children.StopAll();
    TemporaryFolders.DeleteAll();
    Environment.Exit(130);
}
