return await Im.WebApi.Node.RunAsync(args);
