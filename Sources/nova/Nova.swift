import ArgumentParser
@main struct Nova: ParsableCommand { func run() { print("nova") } }
