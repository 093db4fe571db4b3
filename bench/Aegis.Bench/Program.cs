using Aegis.Bench;

return await BenchCommand.RunAsync(args);
