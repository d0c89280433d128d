using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Im.Micro.Frames).Assembly).Run(args);
