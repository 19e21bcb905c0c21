"""`make torture` (see `bench.torture.run`)."""

from bench.torture.run import main

if __name__ == "__main__":
    main()
